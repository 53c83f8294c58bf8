#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "engine/backend/gpu/carver.h"
#include "engine/backend/gpu/device_weights.h"
#include "engine/plan/placement_plan.h"
#include "kernels/cuda/attention/cache.h"
#include "kernels/cuda/moe/feed_forward.h"
#include "kernels/cuda/router/router.h"

namespace ponder {

// A layer as the GPU's kernels take it. All addresses are the device's; the network must outlive it.

struct DeviceMla {
    const MlaAttention* shape = nullptr;
    kernels::WeightView qA, qB, kvA, output; // qA without data: none
    kernels::WeightStack kB, vB;
    bool keyIsTransposed = false; // kB holds the nope rows of kvB
    const float *qANorm = nullptr, *kvANorm = nullptr;
    /// What makes heads' values, or keys and values, of a latent, as one matrix; without data: there is no
    /// such. [heads * (nopeHeadDim if it has keys + valueHeadDim), kvLoraRank]
    kernels::WeightView expansion = {};
    bool expansionHasKeys = false;
};

struct DeviceGqa {
    const GqaAttention* shape = nullptr;
    kernels::WeightView query, key, value, output;
    const float *queryBias = nullptr, *keyBias = nullptr, *valueBias = nullptr,
                *outputBias = nullptr;
    const float *queryNorm = nullptr, *keyNorm = nullptr, *sinks = nullptr;
};

struct DeviceLayer {
    const Layer* layer = nullptr;
    LayerPlace place;
    const float *attentionNorm = nullptr, *feedForwardNorm = nullptr;
    std::variant<DeviceMla, DeviceGqa> attention;
    kernels::cuda::CacheRows keys, values;
    std::size_t angles = 0; // index of the network's different RopeParams

    kernels::WeightView router; // without rows: a dense layer
    const float* routerBias = nullptr;
    const float* selectionBias = nullptr;
    kernels::RouterRule rule;
    std::optional<kernels::cuda::DeviceExperts> shared; // or a dense layer's only expert
    std::optional<kernels::cuda::DeviceExperts> routed; ///< those on the GPU
    /// Routed experts in RAM that may be uploaded: their shapes and types, without addresses.
    std::optional<kernels::cuda::DeviceExperts> moved;

    [[nodiscard]] bool isRouted() const { return router.rows > 0; }
};

/// The pieces of a network that a plan puts on the GPU.
[[nodiscard]] std::vector<PlacedWeights> piecesOnGpu(const Network& network, const GpuShare& share);

/// The layers of a network whose attention is on the GPU: the first ones.
[[nodiscard]] std::vector<DeviceLayer> deviceLayers(
    const Network& network, const GpuShare& share, const DeviceWeights& weights);

/// Gives every layer its cache.
void placeCaches(std::vector<DeviceLayer>& layers, kernels::CacheType type,
    std::size_t contextLength, Carver& memory);

} // namespace ponder
