#include "engine/backend/gpu/device_layer.h"

#include "engine/backend/weight_views.h"
#include "engine/plan/expert_layout.h"

namespace ponder {
namespace {

using kernels::cuda::DeviceExperts;

/// The matrices of a stack as one, where they are contiguous.
kernels::WeightView together(const kernels::WeightStack& s)
{
    const bool isOne = s.places == nullptr && s.matrixStride == s.rows * s.rowStride
        && (s.scales.data == nullptr || s.scaleRows == s.rows);
    return isOne
        ? kernels::WeightView{s.type, s.data, s.count * s.rows, s.cols, s.rowStride, s.scales}
        : kernels::WeightView{};
}

DeviceMla deviceMla(const MlaAttention& a, const DeviceWeights& w)
{
    DeviceMla d{
        .shape = &a,
        .qA = w.view(a.qA),
        .qB = w.view(a.qB),
        .kvA = w.view(a.kvA),
        .output = w.view(a.output),
        .kB = w.stack(a.kB),
        .vB = w.stack(a.vB),
        .keyIsTransposed = !a.kB,
        .qANorm = w.vector(a.qANorm),
        .kvANorm = w.vector(a.kvANorm),
    };
    if (!a.kB)
        d.kB = w.stack(a.kvB, 0, a.nopeHeadDim);
    if (!a.vB)
        d.vB = w.stack(a.kvB, a.nopeHeadDim, a.valueHeadDim);
    d.expansionHasKeys = !a.kB && !a.vB;
    d.expansion = together(d.expansionHasKeys ? w.stack(a.kvB) : d.vB);
    return d;
}

DeviceGqa deviceGqa(const GqaAttention& a, const DeviceWeights& w)
{
    return {
        .shape = &a,
        .query = w.view(a.query),
        .key = w.view(a.key),
        .value = w.view(a.value),
        .output = w.view(a.output),
        .queryBias = w.vector(a.queryBias),
        .keyBias = w.vector(a.keyBias),
        .valueBias = w.vector(a.valueBias),
        .outputBias = w.vector(a.outputBias),
        .queryNorm = w.vector(a.queryNorm),
        .keyNorm = w.vector(a.keyNorm),
        .sinks = w.vector(a.sinks),
    };
}

template <typename FeedForward>
DeviceExperts deviceExperts(const FeedForward& f, const DeviceWeights& w)
{
    return {
        .gate = w.stack(f.gate),
        .up = w.stack(f.up),
        .down = w.stack(f.down),
        .gateBias = w.vector(f.gateBias),
        .upBias = w.vector(f.upBias),
        .downBias = w.vector(f.downBias),
        .activation = f.activation,
    };
}

kernels::WeightStack withoutPlace(const WeightMatrix& m)
{
    kernels::WeightStack stack = weightStack(m);
    stack.data = nullptr;
    stack.scales.data = nullptr;
    stack.places = nullptr;
    return stack;
}

DeviceExperts movedExperts(const MoeFeedForward& f, const DeviceWeights& w)
{
    return {
        .gate = withoutPlace(f.gate),
        .up = withoutPlace(f.up),
        .down = withoutPlace(f.down),
        .gateBias = w.vector(f.gateBias),
        .upBias = w.vector(f.upBias),
        .downBias = w.vector(f.downBias),
        .activation = f.activation,
    };
}

void addFeedForward(DeviceLayer& d, const DeviceWeights& w, bool moves)
{
    if (const auto* moe = std::get_if<MoeFeedForward>(&d.layer->feedForward)) {
        d.router = w.view(moe->router);
        d.routerBias = w.vector(moe->routerBias);
        d.selectionBias = w.vector(moe->selectionBias);
        d.rule = moe->routing;
        if (moe->shared)
            d.shared = deviceExperts(*moe->shared, w);
        if (d.place.feedForwardOnGpu)
            d.routed = deviceExperts(*moe, w);
        else if (moves && ExpertLayout::of(*moe))
            d.moved = movedExperts(*moe, w);
    } else if (d.place.feedForwardOnGpu) {
        d.shared = deviceExperts(std::get<DenseFeedForward>(d.layer->feedForward), w);
    }
}

} // namespace

std::vector<PlacedWeights> piecesOnGpu(const Network& network, const GpuShare& share)
{
    std::vector<PlacedWeights> pieces{endWeights(network)};
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        if (share.layers[i].attentionOnGpu)
            pieces.push_back(baseWeights(network.layers[i]));
        if (share.layers[i].feedForwardOnGpu)
            pieces.push_back(feedForwardWeights(network.layers[i]));
    }
    return pieces;
}

std::vector<DeviceLayer> deviceLayers(
    const Network& network, const GpuShare& share, const DeviceWeights& weights)
{
    std::vector<DeviceLayer> layers;
    std::vector<const kernels::RopeParams*> ropes;
    for (std::size_t i = 0; i < network.layers.size() && share.layers[i].attentionOnGpu; ++i) {
        const Layer& layer = network.layers[i];
        DeviceLayer d;
        d.layer = &layer;
        d.place = share.layers[i];
        d.attentionNorm = weights.vector(layer.attentionNorm);
        d.feedForwardNorm = weights.vector(layer.feedForwardNorm);
        if (const auto* mla = std::get_if<MlaAttention>(&layer.attention))
            d.attention = deviceMla(*mla, weights);
        else
            d.attention = deviceGqa(std::get<GqaAttention>(layer.attention), weights);
        while (d.angles < ropes.size() && !(*ropes[d.angles] == ropeOf(layer)))
            ++d.angles;
        if (d.angles == ropes.size())
            ropes.push_back(&ropeOf(layer));
        addFeedForward(d, weights, share.streamBytes + share.expertCacheBytes > 0);
        layers.push_back(std::move(d));
    }
    return layers;
}

void placeCaches(std::vector<DeviceLayer>& layers, kernels::CacheType type,
    std::size_t contextLength, Carver& memory)
{
    using Rows = kernels::cuda::CacheRows;
    for (DeviceLayer& d : layers) {
        const CacheRows shape = cacheRows(d.layer->attention);
        const auto table = [&](std::size_t cols, std::size_t fine) {
            std::byte* data = memory.take<std::byte>(
                contextLength * shape.heads * kernels::CacheRow::bytes(type, cols, fine));
            return Rows::packed(type, data, contextLength, shape.heads, cols, fine);
        };
        d.keys = table(shape.keyDim, fineCols(d.layer->attention));
        d.values = shape.valueDim > 0
            ? table(shape.valueDim, 0)
            : d.keys.firstCols(std::get<MlaAttention>(d.layer->attention).kvLoraRank);
    }
}

} // namespace ponder
