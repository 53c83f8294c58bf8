#include "engine/backend/cpu/cpu_layers.h"

#include <algorithm>
#include <numeric>

#include "engine/backend/weight_views.h"
#include "kernels/cpu/elementwise/elementwise.h"
#include "kernels/cpu/matmul/matmul.h"
#include "kernels/cpu/norm/rms_norm.h"
#include "kernels/cpu/router/router.h"

namespace ponder {

using kernels::ConstFloatRows;
using kernels::FloatRows;
using kernels::HeadRows;

Result<std::unique_ptr<CpuLayers>> CpuLayers::create(
    const Network& network, const CpuLayersOptions& options)
{
    auto cache = KvCache::create(network, options.contextLength, options.firstLayer);
    if (!cache)
        return tl::unexpected(cache.error());
    return std::unique_ptr<CpuLayers>(new CpuLayers(network, std::move(*cache), options));
}

CpuLayers::CpuLayers(const Network& network, KvCache cache, const CpuLayersOptions& options)
    : m_network(network)
    , m_firstLayer(options.firstLayer)
    , m_cpu(kernels::ThreadPool::Options{.threads = options.threads})
    , m_cache(std::move(cache))
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

FloatRows CpuLayers::beginBatch(std::size_t tokens, std::size_t position)
{
    m_tokens = tokens;
    m_position = position;
    m_positions.resize(m_tokens);
    std::iota(m_positions.begin(), m_positions.end(), static_cast<std::int32_t>(position));
    for (Angles& a : m_angles)
        a.angles.setPositions(m_positions);
    m_residual = m_residualBuffer.rows(m_tokens, m_network.hiddenSize);
    return m_residual;
}

void CpuLayers::embed(std::span<const std::int32_t> tokens, std::size_t position)
{
    kernels::embeddingRows(
        m_cpu, weightView(m_network.embedding), tokens, beginBatch(tokens.size(), position));
}

bool CpuLayers::run(const Batch& batch, std::vector<LayerRouting>& routing)
{
    const auto stopped = [&batch] { return batch.stop && batch.stop(); };
    for (std::size_t layer = m_firstLayer; layer < m_network.layers.size(); ++layer) {
        if (stopped())
            return false;
        attention(layer);
        if (stopped())
            return false;
        feedForward(layer);
        appendRouting(layer, batch.routing, routing);
    }
    // A stop during the last layer cancels, too: the caller must not take the batch for finished.
    return !stopped();
}

void CpuLayers::appendRouting(
    std::size_t layer, RoutingOf wanted, std::vector<LayerRouting>& routing) const
{
    const auto* moe = std::get_if<MoeFeedForward>(&m_network.layers[layer].feedForward);
    if (moe == nullptr || wanted == RoutingOf::None)
        return;
    const std::size_t skipped
        = wanted == RoutingOf::LastToken ? (m_tokens - 1) * moe->routing.used : 0;
    const auto first = static_cast<std::ptrdiff_t>(skipped);
    routing.push_back(
        {static_cast<std::uint32_t>(layer), {m_experts.begin() + first, m_experts.end()},
            {m_weights.begin() + first, m_weights.end()}});
}

/// m_input = pack(RMSNorm(residual))
void CpuLayers::packNormalised(ConstFloatRows residual, const WeightVector& norm)
{
    const FloatRows rows = m_norm.rows(residual.rows, m_network.hiddenSize);
    kernels::rmsNorm(m_cpu, residual, norm, m_network.normEpsilon, rows);
    m_input.pack(m_cpu, ConstFloatRows(rows));
}

void CpuLayers::attention(std::size_t layer)
{
    const Layer& l = m_network.layers[layer];
    packNormalised(m_residual, l.attentionNorm);
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
    kernels::add(m_cpu, branch, m_residual);
}

/// Chooses the experts of m_input and adds their output to the residual stream.
void CpuLayers::routed(const MoeFeedForward& moe)
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
    m_feedForward.experts(
        m_cpu, expertWeights(moe), m_input, m_experts, m_weights, r.used, m_residual, true);
}

void CpuLayers::feedForward(std::size_t layer)
{
    const Layer& l = m_network.layers[layer];
    packNormalised(m_residual, l.feedForwardNorm);
    const auto* dense = std::get_if<DenseFeedForward>(&l.feedForward);
    if (const auto* moe = std::get_if<MoeFeedForward>(&l.feedForward)) {
        routed(*moe);
        dense = moe->shared ? &*moe->shared : nullptr;
    }
    if (dense != nullptr)
        m_feedForward.dense(m_cpu, expertWeights(*dense), m_input, m_residual, true);
}

void CpuLayers::feedForwardBranch(std::size_t layer, ConstFloatRows residual,
    std::span<const std::int32_t> experts, std::span<const float> weights, FloatRows out)
{
    const Layer& l = m_network.layers[layer];
    packNormalised(residual, l.feedForwardNorm);
    if (const auto* moe = std::get_if<MoeFeedForward>(&l.feedForward))
        m_feedForward.experts(
            m_cpu, expertWeights(*moe), m_input, experts, weights, moe->routing.used, out, false);
    else
        m_feedForward.dense(
            m_cpu, expertWeights(std::get<DenseFeedForward>(l.feedForward)), m_input, out, false);
}

void CpuLayers::logits(TokenRange tokens, std::span<float> logits)
{
    const ConstFloatRows rows{m_residual.row(tokens.first), tokens.count, m_network.hiddenSize};
    packNormalised(rows, m_network.outputNorm);
    kernels::matmul(m_cpu, weightView(m_network.output), m_input,
        FloatRows{logits.data(), tokens.count, m_network.vocabularySize});
}

} // namespace ponder
