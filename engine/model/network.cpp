#include "engine/model/network.h"

namespace ponder {
namespace {

/// Calls visit(matrix, used) for every matrix of weights; used: how many of a stack's matrices one
/// token meets.
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
        const MlaAttention& a = layer.attention;
        for (const WeightMatrix* m : {&a.queryDown, &a.queryUp, &a.latentDown, &a.keyUp, &a.valueUp,
                 &a.keyValueUp, &a.output})
            all(*m);
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

std::uint64_t Network::weightBytes() const
{
    std::uint64_t bytes = output.data == embedding.data ? 0 : embedding.bytes();
    forEachMatrix(*this, [&bytes](const WeightMatrix& m, std::uint32_t) { bytes += m.bytes(); });
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
    std::uint64_t numbers = 0;
    for (const Layer& layer : layers)
        numbers += layer.attention.kvLoraRank + layer.attention.ropeHeadDim;
    return numbers * sizeof(float);
}

} // namespace ponder
