#pragma once

#include "engine/backend/gpu/cuda_backend.h"
#include "engine/plan/expert_layout.h"
#include "engine/plan/placed_weights.h"
#include "tests/engine/backend/backend_checks.h"
#include "tests/engine/golden.h"
#include "tests/kernels/cuda/emulated.h"

namespace ponder::test {

/// How much of a network's layers a plan puts on the GPU.
struct Share {
    std::size_t attention = 1000; ///< layers whose attention is there, the first ones
    std::size_t feedForward = 1000; ///< and of these, those whose feed-forward is there too
};

/// A plan for a golden model on the emulated GPU, with just so much on it.
inline PlacementPlan planWith(const Network& network, const Share& share, std::uint32_t batch = 16,
    std::uint32_t context = 64)
{
    PlacementPlan plan;
    plan.contextLength = context;
    plan.batch = batch;
    plan.threads = 1;
    plan.gpu.emplace();
    plan.gpu->gpu.name = "Emulated GPU";
    plan.gpu->layers.resize(network.layers.size());
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        plan.gpu->layers[i].attentionOnGpu = i < share.attention;
        plan.gpu->layers[i].feedForwardOnGpu = i < share.attention && i < share.feedForward;
    }
    return plan;
}

/// Room for experts that stay in RAM: in each of the two halves through which they are streamed, and in the cache.
/// 0: neither.
struct Moving {
    std::size_t streamed = 0, cached = 0;
};

inline void giveRoom(PlacementPlan& plan, const Network& network, const Moving& moving)
{
    std::size_t tables = 0;
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const auto* moe = std::get_if<MoeFeedForward>(&network.layers[i].feedForward);
        if (moe == nullptr || plan.gpu->layers[i].feedForwardOnGpu)
            continue;
        const auto layout = ExpertLayout::of(*moe);
        REQUIRE(layout);
        tables += layout->tableBytes();
        plan.gpu->streamBytes = std::max<std::size_t>(plan.gpu->streamBytes,
            moving.streamed == 0 ? 0
                                 : 2 * (layout->tableBytes() + moving.streamed * layout->bytes()));
        plan.gpu->expertCacheBytes
            = std::max<std::size_t>(plan.gpu->expertCacheBytes, moving.cached * layout->bytes());
    }
    if (moving.cached > 0)
        plan.gpu->expertCacheBytes += tables;
}

inline std::unique_ptr<Backend> makeEmulated(
    const Network& network, const PlacementPlan& plan, const CudaBackendOptions& options = {})
{
    auto backend = makeCudaBackend(network, plan, options);
    REQUIRE_MESSAGE(backend, (backend ? "" : backend.error().message + backend.error().context));
    return std::move(*backend);
}

/// The layers that chose experts for the last token, evaluated again at its position.
inline std::vector<std::uint32_t> routedLayersOf(
    Backend& backend, std::int32_t token, std::size_t position)
{
    const std::int32_t tokens[] = {token};
    std::vector<std::uint32_t> layers;
    for (const LayerRouting& layer : evaluated(
             backend, {.tokens = tokens, .position = position, .routing = RoutingOf::LastToken})
             .routing)
        layers.push_back(layer.layer);
    return layers;
}
inline std::vector<std::uint32_t> routedLayersOf(const Network& network)
{
    std::vector<std::uint32_t> layers;
    for (std::size_t i = 0; i < network.layers.size(); ++i)
        if (isRouted(network.layers[i]))
            layers.push_back(static_cast<std::uint32_t>(i));
    return layers;
}

} // namespace ponder::test
