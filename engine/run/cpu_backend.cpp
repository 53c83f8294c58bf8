#include "engine/run/cpu_backend.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <numeric>
#include <vector>

#include "engine/run/kv_cache.h"
#include "engine/run/weight_views.h"
#include "kernels/cpu/attention/mla_attention.h"
#include "kernels/cpu/elementwise/elementwise.h"
#include "kernels/cpu/matmul/matmul.h"
#include "kernels/cpu/moe/feed_forward.h"
#include "kernels/cpu/norm/rms_norm.h"
#include "kernels/cpu/rope/rope.h"

namespace ponder {
namespace {

using kernels::Activations;
using kernels::ConstFloatRows;
using kernels::ConstHeadRows;
using kernels::FloatRows;
using kernels::HeadRows;

/// Working memory that keeps its size from one batch to the next.
class Buffer {
public:
    FloatRows rows(std::size_t count, std::size_t cols)
    {
        if (m_floats.size() < count * cols)
            m_floats.resize(count * cols);
        return {m_floats.data(), count, cols};
    }
    HeadRows heads(std::size_t tokens, std::size_t count, std::size_t cols)
    {
        return {rows(tokens, count * cols).data, tokens, count, cols, count * cols, cols};
    }

private:
    std::vector<float> m_floats;
};

/// cols numbers of every head from the first-th on.
HeadRows part(const HeadRows& all, std::size_t first, std::size_t cols)
{
    return {all.data + first, all.tokens, all.heads, cols, all.tokenStride, all.headStride};
}

kernels::RopeParams ropeParams(const MlaAttention& attention)
{
    return {
        .dim = attention.ropeHeadDim,
        .base = attention.rope.base,
        .factor = attention.rope.factor,
        .originalContext = attention.rope.originalContext,
        .betaFast = attention.rope.betaFast,
        .betaSlow = attention.rope.betaSlow,
    };
}

class CpuBackend final : public Backend {
public:
    CpuBackend(const Network& network, KvCache cache, unsigned threads)
        : m_network(network)
        , m_cpu(kernels::ThreadPool::Options{.threads = threads})
        , m_cache(std::move(cache))
        , m_angles(ropeParams(network.layers.front().attention))
        , m_choices(network.layers.size())
    {
    }

    Result<void> begin(std::span<const std::int32_t> tokens, std::size_t position) override;
    void attention(std::size_t layer) override;
    void feedForward(std::size_t layer) override;
    void head(std::size_t first, std::size_t count, std::span<float> logits) override;
    void truncate(std::size_t position) override { m_cache.truncate(position); }
    ExpertChoice lastChoice(std::size_t layer) const override
    {
        return {m_choices[layer].experts, m_choices[layer].weights};
    }

private:
    struct Choice {
        std::vector<std::int32_t> experts; // [used]
        std::vector<float> weights; // [used]
    };

    HeadRows query(const MlaAttention& a);
    void appendLatents(const MlaAttention& a, std::size_t layer);
    void absorb(const MlaAttention& a, const HeadRows& query, const HeadRows& absorbed);
    void values(const MlaAttention& a, const HeadRows& latents, const HeadRows& out);
    void routed(const MoeFeedForward& moe, Choice& choice);
    void normalised(const WeightVector& norm);

    const Network& m_network;
    kernels::Cpu m_cpu;
    KvCache m_cache;
    kernels::RopeAngles m_angles;
    kernels::MlaAttention m_mla;
    kernels::FeedForward m_feedForward;

    std::size_t m_tokens = 0; // in the batch
    std::size_t m_position = 0; // of its first token
    FloatRows m_stream; // [tokens, hidden], in m_streamBuffer
    Buffer m_streamBuffer, m_norm, m_queryLatent, m_query, m_absorbed, m_latents, m_values,
        m_branch;
    Buffer m_scores, m_selection;
    Activations m_input, m_inner; // packed: a step's input; what lies between two products
    std::vector<std::int32_t> m_positions, m_experts; // [tokens], [tokens, used]
    std::vector<float> m_weights; // [tokens, used]
    std::vector<Choice> m_choices; // [layers]
};

Result<void> CpuBackend::begin(std::span<const std::int32_t> tokens, std::size_t position)
{
    m_tokens = tokens.size();
    m_position = position;
    m_positions.resize(m_tokens);
    std::iota(m_positions.begin(), m_positions.end(), static_cast<std::int32_t>(position));
    m_angles.setPositions(m_positions);
    m_stream = m_streamBuffer.rows(m_tokens, m_network.hiddenSize);
    kernels::embeddingRows(m_cpu, weightView(m_network.embedding), tokens, m_stream);
    return {};
}

/// Leaves the stream behind an RMS norm in m_input.
void CpuBackend::normalised(const WeightVector& norm)
{
    const FloatRows rows = m_norm.rows(m_tokens, m_network.hiddenSize);
    kernels::rmsNorm(m_cpu, m_stream, norm, m_network.normEpsilon, rows);
    m_input.pack(m_cpu, ConstFloatRows(rows));
}

/// [tokens, heads, nope + rope], not yet rotated.
HeadRows CpuBackend::query(const MlaAttention& a)
{
    const HeadRows q = m_query.heads(m_tokens, a.heads, a.nopeHeadDim + a.ropeHeadDim);
    const FloatRows flat{q.data, m_tokens, q.heads * q.cols};
    if (!a.queryDown) {
        kernels::matmul(m_cpu, weightView(a.queryUp), m_input, flat);
        return q;
    }
    const FloatRows latent = m_queryLatent.rows(m_tokens, a.queryDown.rows);
    kernels::matmul(m_cpu, weightView(a.queryDown), m_input, latent);
    kernels::rmsNorm(m_cpu, latent, a.queryNorm, m_network.normEpsilon, latent);
    m_inner.pack(m_cpu, ConstFloatRows(latent));
    kernels::matmul(m_cpu, weightView(a.queryUp), m_inner, flat);
    return q;
}

/// Writes the batch's rows of the cache: the normalised latent and the rotated key.
void CpuBackend::appendLatents(const MlaAttention& a, std::size_t layer)
{
    const std::size_t length = m_cache.rowLength(layer);
    float* first = m_cache.row(layer, m_position);
    kernels::matmul(m_cpu, weightView(a.latentDown), m_input, FloatRows{first, m_tokens, length});
    const FloatRows latent{first, m_tokens, a.kvLoraRank, length};
    kernels::rmsNorm(m_cpu, latent, a.latentNorm, m_network.normEpsilon, latent);
    kernels::rope(m_cpu, m_angles, kernels::RopeStyle::Interleaved,
        HeadRows{first + a.kvLoraRank, m_tokens, 1, a.ropeHeadDim, length, length});
}

/// Takes the query into the latent space: absorbed[t, h] = [key_up(h) q_nope | rotated q_rope].
void CpuBackend::absorb(const MlaAttention& a, const HeadRows& query, const HeadRows& absorbed)
{
    const HeadRows nope = part(query, 0, a.nopeHeadDim);
    const HeadRows latent = part(absorbed, 0, a.kvLoraRank);
    if (a.keyUp) {
        m_inner.packHeads(m_cpu, ConstHeadRows(nope));
        kernels::matmulHeads(m_cpu, weightStack(a.keyUp), m_inner, latent);
    } else {
        kernels::matmulHeadsTransposed(
            m_cpu, weightStack(a.keyValueUp, 0, a.nopeHeadDim), ConstHeadRows(nope), latent);
    }
    const HeadRows rotated = part(absorbed, a.kvLoraRank, a.ropeHeadDim);
    for (std::size_t t = 0; t < m_tokens; ++t) {
        for (std::size_t h = 0; h < a.heads; ++h)
            std::memcpy(
                rotated.at(t, h), query.at(t, h) + a.nopeHeadDim, a.ropeHeadDim * sizeof(float));
    }
    kernels::rope(m_cpu, m_angles, kernels::RopeStyle::Interleaved, rotated);
}

/// out[t, h] = value_up(h) latents[t, h]
void CpuBackend::values(const MlaAttention& a, const HeadRows& latents, const HeadRows& out)
{
    m_inner.packHeads(m_cpu, ConstHeadRows(latents));
    const auto up = a.valueUp ? weightStack(a.valueUp)
                              : weightStack(a.keyValueUp, a.nopeHeadDim, a.valueHeadDim);
    kernels::matmulHeads(m_cpu, up, m_inner, out);
}

void CpuBackend::attention(std::size_t layer)
{
    const MlaAttention& a = m_network.layers[layer].attention;
    normalised(m_network.layers[layer].attentionNorm);
    appendLatents(a, layer);
    const HeadRows absorbed = m_absorbed.heads(m_tokens, a.heads, a.kvLoraRank + a.ropeHeadDim);
    absorb(a, query(a), absorbed);
    const HeadRows latents = m_latents.heads(m_tokens, a.heads, a.kvLoraRank);
    m_mla.run(m_cpu,
        {.q = ConstHeadRows(absorbed),
            .cache = {m_cache.row(layer, 0), m_position + m_tokens, m_cache.rowLength(layer)},
            .kvLoraRank = a.kvLoraRank,
            .firstPosition = m_position,
            .scale = a.softmaxScale,
            .out = latents});
    const HeadRows heads = m_values.heads(m_tokens, a.heads, a.valueHeadDim);
    values(a, latents, heads);
    m_inner.pack(m_cpu, ConstFloatRows{heads.data, m_tokens, heads.heads * heads.cols});
    const FloatRows branch = m_branch.rows(m_tokens, m_network.hiddenSize);
    kernels::matmul(m_cpu, weightView(a.output), m_inner, branch);
    kernels::add(m_cpu, branch, m_stream);
}

void CpuBackend::routed(const MoeFeedForward& moe, Choice& choice)
{
    const Routing& r = moe.routing;
    const FloatRows scores = m_scores.rows(m_tokens, r.experts);
    kernels::matmul(m_cpu, weightView(moe.router), m_input, scores);
    if (r.score == Routing::Score::Sigmoid)
        kernels::sigmoid(m_cpu, scores);
    else
        kernels::softmax(m_cpu, scores);
    m_experts.resize(m_tokens * r.used);
    m_weights.resize(m_tokens * r.used);
    const FloatRows selection = m_selection.rows(m_cpu.threads(), r.experts);
    m_cpu.pool().parallelFor(
        m_tokens, 32, [&](std::size_t begin, std::size_t end, std::size_t worker) {
            for (std::size_t t = begin; t < end; ++t)
                chooseExperts(r, {scores.row(t), r.experts}, moe.selectionBias,
                    {selection.row(worker), r.experts},
                    std::span(m_experts).subspan(t * r.used, r.used),
                    std::span(m_weights).subspan(t * r.used, r.used));
        });
    choice.experts.assign(m_experts.end() - r.used, m_experts.end());
    choice.weights.assign(m_weights.end() - r.used, m_weights.end());
    m_feedForward.experts(m_cpu, weightStack(moe.gate), weightStack(moe.up), weightStack(moe.down),
        m_input, m_experts, m_weights, r.used, m_stream, true);
}

void CpuBackend::feedForward(std::size_t layer)
{
    const Layer& l = m_network.layers[layer];
    normalised(l.feedForwardNorm);
    const auto* dense = std::get_if<DenseFeedForward>(&l.feedForward);
    if (const auto* moe = std::get_if<MoeFeedForward>(&l.feedForward)) {
        routed(*moe, m_choices[layer]);
        dense = moe->shared ? &*moe->shared : nullptr;
    }
    if (dense != nullptr)
        m_feedForward.dense(m_cpu, weightView(dense->gate), weightView(dense->up),
            weightView(dense->down), m_input, m_stream, true);
}

void CpuBackend::head(std::size_t first, std::size_t count, std::span<float> logits)
{
    const ConstFloatRows last{m_stream.row(first), count, m_network.hiddenSize};
    const FloatRows rows = m_norm.rows(count, m_network.hiddenSize);
    kernels::rmsNorm(m_cpu, last, m_network.outputNorm, m_network.normEpsilon, rows);
    m_input.pack(m_cpu, ConstFloatRows(rows));
    kernels::matmul(m_cpu, weightView(m_network.output), m_input,
        FloatRows{logits.data(), count, m_network.vocabularySize});
}

} // namespace

Result<std::unique_ptr<Backend>> makeCpuBackend(
    const Network& network, const CpuBackendOptions& options)
{
    auto cache = KvCache::create(network, options.contextLength);
    if (!cache)
        return tl::unexpected(cache.error());
    return std::make_unique<CpuBackend>(network, std::move(*cache), options.threads);
}

} // namespace ponder
