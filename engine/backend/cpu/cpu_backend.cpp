#include "engine/backend/cpu/cpu_backend.h"

#include <algorithm>
#include <new>
#include <numeric>
#include <vector>

#include "engine/backend/cpu/cpu_gqa.h"
#include "engine/backend/cpu/cpu_mla.h"
#include "engine/backend/cpu/cpu_step.h"
#include "engine/backend/cpu/kv_cache.h"
#include "engine/backend/weight_views.h"
#include "kernels/cpu/elementwise/elementwise.h"
#include "kernels/cpu/matmul/matmul.h"
#include "kernels/cpu/moe/feed_forward.h"
#include "kernels/cpu/norm/rms_norm.h"
#include "kernels/cpu/rope/rope.h"
#include "kernels/cpu/router/router.h"

namespace ponder {
namespace {

using kernels::Activations;
using kernels::ConstFloatRows;
using kernels::FloatRows;
using kernels::HeadRows;

class Processor final : public CpuBackend {
public:
    Processor(const Network& network, KvCache cache, unsigned threads)
        : m_network(network)
        , m_cpu(kernels::ThreadPool::Options{.threads = threads})
        , m_cache(std::move(cache))
        , m_choices(network.layers.size())
    {
        for (const Layer& layer : network.layers) {
            const kernels::RopeParams& rope = ropeOf(layer);
            std::size_t i = 0;
            while (i < m_angles.size() && !(*m_angles[i].rope == rope))
                ++i;
            if (i == m_angles.size())
                m_angles.push_back({&rope, kernels::RopeAngles(rope)});
            m_anglesOf.push_back(i);
        }
    }

    Result<void> begin(std::span<const std::int32_t> tokens, std::size_t position) override;
    void attention(std::size_t layer) override;
    void feedForward(std::size_t layer) override;
    Result<void> head(std::size_t first, std::size_t count, std::span<float> logits) override;
    void truncate(std::size_t position) override { m_cache.truncate(position); }
    FloatRows beginStream(std::size_t tokens, std::size_t position) override;
    void feedForwardBranch(std::size_t layer, ConstFloatRows stream,
        std::span<const std::int32_t> experts, std::span<const float> weights,
        FloatRows out) override;
    ExpertChoice lastChoice(std::size_t layer) const override
    {
        return {m_choices[layer].experts, m_choices[layer].weights};
    }

private:
    struct Choice {
        std::vector<std::int32_t> experts; // [used]
        std::vector<float> weights; // [used]
    };

    void routed(const MoeFeedForward& moe, Choice& choice);
    void normalised(ConstFloatRows stream, const WeightVector& norm);

    const Network& m_network;
    kernels::Cpu m_cpu;
    KvCache m_cache;
    struct Angles {
        const kernels::RopeParams* rope;
        kernels::RopeAngles angles;
    };
    std::vector<Angles> m_angles; // of each rope that some layer has
    std::vector<std::size_t> m_anglesOf; // [layers]
    CpuMla m_mla;
    CpuGqa m_gqa;
    kernels::FeedForward m_feedForward;

    std::size_t m_tokens = 0; // in the batch
    std::size_t m_position = 0; // of its first token
    FloatRows m_stream; // [tokens, hidden], in m_streamBuffer
    Buffer m_streamBuffer, m_norm, m_branch, m_scores, m_selection;
    Activations m_input, m_inner; // packed: a step's input; what lies between two products
    std::vector<std::int32_t> m_positions, m_experts; // [tokens], [tokens, used]
    std::vector<float> m_weights; // [tokens, used]
    std::vector<Choice> m_choices; // [layers]
};

FloatRows Processor::beginStream(std::size_t tokens, std::size_t position)
{
    m_tokens = tokens;
    m_position = position;
    m_positions.resize(m_tokens);
    std::iota(m_positions.begin(), m_positions.end(), static_cast<std::int32_t>(position));
    for (Angles& a : m_angles)
        a.angles.setPositions(m_positions);
    m_stream = m_streamBuffer.rows(m_tokens, m_network.hiddenSize);
    return m_stream;
}

Result<void> Processor::begin(std::span<const std::int32_t> tokens, std::size_t position)
{
    kernels::embeddingRows(
        m_cpu, weightView(m_network.embedding), tokens, beginStream(tokens.size(), position));
    return {};
}

/// m_input = pack(RMSNorm(stream))
void Processor::normalised(ConstFloatRows stream, const WeightVector& norm)
{
    const FloatRows rows = m_norm.rows(stream.rows, m_network.hiddenSize);
    kernels::rmsNorm(m_cpu, stream, norm, m_network.normEpsilon, rows);
    m_input.pack(m_cpu, ConstFloatRows(rows));
}

void Processor::attention(std::size_t layer)
{
    const Layer& l = m_network.layers[layer];
    normalised(m_stream, l.attentionNorm);
    const CpuStep step{
        .cpu = m_cpu,
        .input = m_input,
        .angles = m_angles[m_anglesOf[layer]].angles,
        .keys = m_cache.keys(layer),
        .values = m_cache.values(layer),
        .tokens = m_tokens,
        .position = m_position,
        .normEpsilon = m_network.normEpsilon,
    };
    const FloatRows branch = m_branch.rows(m_tokens, m_network.hiddenSize);
    const auto output = [&](const HeadRows& heads, const WeightMatrix& matrix) {
        m_inner.pack(m_cpu, ConstFloatRows(flat(heads)));
        kernels::matmul(m_cpu, weightView(matrix), m_inner, branch);
    };
    if (const auto* mla = std::get_if<MlaAttention>(&l.attention)) {
        output(m_mla.run(step, *mla), mla->output);
    } else {
        const auto& gqa = std::get<GqaAttention>(l.attention);
        output(m_gqa.run(step, gqa), gqa.output);
        if (!gqa.outputBias.empty())
            kernels::addToRows(m_cpu, gqa.outputBias, branch);
    }
    kernels::add(m_cpu, branch, m_stream);
}

void Processor::routed(const MoeFeedForward& moe, Choice& choice)
{
    const kernels::RouterRule& r = moe.routing;
    const FloatRows scores = m_scores.rows(m_tokens, r.experts);
    kernels::matmul(m_cpu, weightView(moe.router), m_input, scores);
    if (!moe.routerBias.empty())
        kernels::addToRows(m_cpu, moe.routerBias, scores);
    if (r.score == kernels::RouterRule::Score::Sigmoid)
        kernels::sigmoid(m_cpu, scores);
    else if (r.score == kernels::RouterRule::Score::Softmax)
        kernels::softmax(m_cpu, scores);
    m_experts.resize(m_tokens * r.used);
    m_weights.resize(m_tokens * r.used);
    const FloatRows selection = m_selection.rows(m_cpu.threads(), r.experts);
    m_cpu.pool().parallelFor(
        m_tokens, 32, [&](std::size_t begin, std::size_t end, std::size_t worker) {
            for (std::size_t t = begin; t < end; ++t)
                kernels::chooseExperts(r, {scores.row(t), r.experts}, moe.selectionBias,
                    {selection.row(worker), r.experts},
                    std::span(m_experts).subspan(t * r.used, r.used),
                    std::span(m_weights).subspan(t * r.used, r.used));
        });
    choice.experts.assign(m_experts.end() - r.used, m_experts.end());
    choice.weights.assign(m_weights.end() - r.used, m_weights.end());
    m_feedForward.experts(
        m_cpu, expertWeights(moe), m_input, m_experts, m_weights, r.used, m_stream, true);
}

void Processor::feedForward(std::size_t layer)
{
    const Layer& l = m_network.layers[layer];
    normalised(m_stream, l.feedForwardNorm);
    const auto* dense = std::get_if<DenseFeedForward>(&l.feedForward);
    if (const auto* moe = std::get_if<MoeFeedForward>(&l.feedForward)) {
        routed(*moe, m_choices[layer]);
        dense = moe->shared ? &*moe->shared : nullptr;
    }
    if (dense != nullptr)
        m_feedForward.dense(m_cpu, expertWeights(*dense), m_input, m_stream, true);
}

void Processor::feedForwardBranch(std::size_t layer, ConstFloatRows stream,
    std::span<const std::int32_t> experts, std::span<const float> weights, FloatRows out)
{
    const Layer& l = m_network.layers[layer];
    normalised(stream, l.feedForwardNorm);
    if (const auto* moe = std::get_if<MoeFeedForward>(&l.feedForward))
        m_feedForward.experts(
            m_cpu, expertWeights(*moe), m_input, experts, weights, moe->routing.used, out, false);
    else
        m_feedForward.dense(
            m_cpu, expertWeights(std::get<DenseFeedForward>(l.feedForward)), m_input, out, false);
}

Result<void> Processor::head(std::size_t first, std::size_t count, std::span<float> logits)
{
    const ConstFloatRows last{m_stream.row(first), count, m_network.hiddenSize};
    const FloatRows rows = m_norm.rows(count, m_network.hiddenSize);
    kernels::rmsNorm(m_cpu, last, m_network.outputNorm, m_network.normEpsilon, rows);
    m_input.pack(m_cpu, ConstFloatRows(rows));
    kernels::matmul(m_cpu, weightView(m_network.output), m_input,
        FloatRows{logits.data(), count, m_network.vocabularySize});
    return {};
}

} // namespace

Result<std::unique_ptr<CpuBackend>> makeCpuBackend(
    const Network& network, const CpuBackendOptions& options)
{
    auto cache = KvCache::create(network, options.contextLength, options.firstLayer);
    if (!cache)
        return tl::unexpected(cache.error());
    return std::make_unique<Processor>(network, std::move(*cache), options.threads);
}

} // namespace ponder
