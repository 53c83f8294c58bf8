#include "engine/plan/placed_weights.h"

#include "kernels/types/views.h"

namespace ponder {
namespace {

std::uint64_t scaleRowsOf(std::uint64_t rows)
{
    return (rows + kernels::kScaleBlock - 1) / kernels::kScaleBlock;
}

bool hasScales(const WeightMatrix& m)
{
    return m.places.empty() ? m.scales != nullptr : m.places.front().scales != nullptr;
}

void addDense(PlacedWeights& weights, const DenseFeedForward& f)
{
    for (const WeightMatrix* m : {&f.gate, &f.up, &f.down})
        weights.add(*m);
    for (const WeightVector* v : {&f.gateBias, &f.upBias, &f.downBias})
        weights.add(*v);
}

} // namespace

void PlacedWeights::add(const WeightMatrix& m)
{
    if (m)
        matrices.push_back(&m);
}

void PlacedWeights::add(const WeightVector& v)
{
    if (!v.empty())
        vectors.push_back(&v);
}

std::uint64_t PlacedWeights::deviceBytes() const
{
    std::uint64_t bytes = 0;
    for (const WeightMatrix* m : matrices)
        bytes += ponder::deviceBytes(*m);
    for (const WeightVector* v : vectors)
        bytes += ponder::deviceBytes(*v);
    return bytes;
}

std::uint64_t scaleCount(const WeightMatrix& m)
{
    if (!hasScales(m))
        return 0;
    const std::uint64_t columns = scaleRowsOf(m.columns);
    if (!m.places.empty())
        return m.count * scaleRowsOf(m.rows) * columns;
    return scaleRowsOf(m.count * (m.stride / m.rowBytes)) * columns;
}

std::uint64_t deviceBytes(const WeightMatrix& m)
{
    std::uint64_t bytes = deviceAligned(m.bytes()) + deviceAligned(scaleCount(m) * sizeof(float));
    if (!m.places.empty())
        bytes += deviceAligned(m.count * sizeof(kernels::MatrixPlace));
    return bytes;
}

std::uint64_t deviceBytes(const WeightVector& v)
{
    return deviceAligned(v.size() * sizeof(float));
}

PlacedWeights endWeights(const Network& network)
{
    PlacedWeights weights;
    weights.add(network.embedding);
    if (network.output.data != network.embedding.data)
        weights.add(network.output);
    weights.add(network.outputNorm);
    return weights;
}

PlacedWeights baseWeights(const Layer& layer)
{
    PlacedWeights weights;
    weights.add(layer.attentionNorm);
    weights.add(layer.feedForwardNorm);
    if (const auto* mla = std::get_if<MlaAttention>(&layer.attention)) {
        for (const WeightMatrix* m :
            {&mla->qA, &mla->qB, &mla->kvA, &mla->kB, &mla->vB, &mla->kvB, &mla->output})
            weights.add(*m);
        weights.add(mla->qANorm);
        weights.add(mla->kvANorm);
    } else {
        const auto& gqa = std::get<GqaAttention>(layer.attention);
        for (const WeightMatrix* m : {&gqa.query, &gqa.key, &gqa.value, &gqa.output})
            weights.add(*m);
        for (const WeightVector* v : {&gqa.queryBias, &gqa.keyBias, &gqa.valueBias, &gqa.outputBias,
                 &gqa.queryNorm, &gqa.keyNorm, &gqa.sinks})
            weights.add(*v);
    }
    if (const auto* moe = std::get_if<MoeFeedForward>(&layer.feedForward)) {
        weights.add(moe->router);
        weights.add(moe->routerBias);
        weights.add(moe->selectionBias);
        for (const WeightVector* v : {&moe->gateBias, &moe->upBias, &moe->downBias})
            weights.add(*v);
        if (moe->shared)
            addDense(weights, *moe->shared);
    }
    return weights;
}

PlacedWeights feedForwardWeights(const Layer& layer)
{
    PlacedWeights weights;
    if (const auto* moe = std::get_if<MoeFeedForward>(&layer.feedForward)) {
        for (const WeightMatrix* m : {&moe->gate, &moe->up, &moe->down})
            weights.add(*m);
    } else {
        addDense(weights, std::get<DenseFeedForward>(layer.feedForward));
    }
    return weights;
}

bool isRouted(const Layer& layer)
{
    return std::holds_alternative<MoeFeedForward>(layer.feedForward);
}

std::uint64_t activeFeedForwardBytes(const Layer& layer)
{
    std::uint64_t bytes = 0;
    const auto* moe = std::get_if<MoeFeedForward>(&layer.feedForward);
    for (const WeightMatrix* m : feedForwardWeights(layer).matrices)
        bytes += moe != nullptr ? m->matrixBytes() * moe->routing.used : m->bytes();
    return bytes;
}

} // namespace ponder
