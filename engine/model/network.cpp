#include "engine/model/network.h"

#include <algorithm>

namespace ponder {
namespace {

/// Calls visit(matrix, used) for every matrix of weights; used: how many of a stack's matrices one
/// token is multiplied by.
template <typename Visit> void forEachMatrix(const Network& network, const Visit& visit)
{
    const auto all = [&visit](const WeightMatrix& m) {
        if (m)
            visit(m, m.count);
    };
    const auto dense = [&all](const DenseFeedForward& f) {
        all(f.gate);
        all(f.up);
        all(f.down);
    };
    for (const Layer& layer : network.layers) {
        if (const auto* mla = std::get_if<MlaAttention>(&layer.attention)) {
            for (const WeightMatrix* m :
                {&mla->qA, &mla->qB, &mla->kvA, &mla->kB, &mla->vB, &mla->kvB, &mla->output})
                all(*m);
        } else {
            const auto& gqa = std::get<GqaAttention>(layer.attention);
            for (const WeightMatrix* m : {&gqa.query, &gqa.key, &gqa.value, &gqa.output})
                all(*m);
        }
        if (const auto* f = std::get_if<DenseFeedForward>(&layer.feedForward)) {
            dense(*f);
            continue;
        }
        const auto& moe = std::get<MoeFeedForward>(layer.feedForward);
        all(moe.router);
        for (const WeightMatrix* m : {&moe.gate, &moe.up, &moe.down})
            visit(*m, moe.routing.used);
        if (moe.shared)
            dense(*moe.shared);
    }
    all(network.output);
}

} // namespace

CacheRows cacheRows(const AttentionLayer& attention)
{
    if (const auto* mla = std::get_if<MlaAttention>(&attention))
        return {.heads = 1, .keyDim = mla->kvLoraRank + mla->ropeHeadDim};
    const auto& gqa = std::get<GqaAttention>(attention);
    return {.heads = gqa.kvHeads,
        .keyDim = gqa.keyDim,
        .valueDim = gqa.valueDim,
        .window = gqa.slidingWindow};
}

const kernels::RopeParams& ropeOf(const Layer& layer)
{
    return std::visit(
        [](const auto& attention) -> const kernels::RopeParams& { return attention.rope; },
        layer.attention);
}

std::uint64_t Network::weightBytes() const
{
    std::uint64_t bytes = output.data == embedding.data ? 0 : embedding.bytes();
    forEachMatrix(*this, [&bytes](const WeightMatrix& m, std::uint32_t) { bytes += m.bytes(); });
    for (const Layer& layer : layers) {
        if (const auto* moe = std::get_if<MoeFeedForward>(&layer.feedForward))
            bytes += sizeof(float)
                * (moe->gateBias.size() + moe->upBias.size() + moe->downBias.size());
    }
    return bytes;
}

std::uint64_t Network::activeWeightBytes() const
{
    std::uint64_t bytes = embedding.rowBytes;
    forEachMatrix(*this,
        [&bytes](const WeightMatrix& m, std::uint32_t used) { bytes += m.matrixBytes() * used; });
    return bytes;
}

std::uint64_t Network::activeParameters() const
{
    std::uint64_t weights = 0;
    forEachMatrix(*this, [&weights](const WeightMatrix& m, std::uint32_t used) {
        weights += std::uint64_t{m.columns} * m.rows * used;
    });
    return weights;
}

std::uint64_t Network::cacheBytesPerToken() const
{
    std::uint64_t bytes = 0;
    for (const Layer& layer : layers)
        bytes += cacheRows(layer.attention).bytes();
    return bytes;
}

std::uint64_t Network::cacheBytesRead(std::uint64_t tokens) const
{
    std::uint64_t bytes = 0;
    for (const Layer& layer : layers) {
        const CacheRows rows = cacheRows(layer.attention);
        bytes += rows.bytes()
            * (rows.window > 0 ? std::min<std::uint64_t>(tokens, rows.window) : tokens);
    }
    return bytes;
}

} // namespace ponder
