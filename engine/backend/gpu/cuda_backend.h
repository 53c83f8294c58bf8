#pragma once

#include <memory>
#include <optional>

#include "engine/backend/backend.h"
#include "engine/backend/gpu/prompt_form.h"
#include "engine/plan/placement_plan.h"
#include "kernels/cuda/attention/cache.h"
#include "kernels/cuda/runtime/status.h"

namespace ponder {

struct CudaBackendOptions {
    kernels::CacheType cache = kernels::CacheType::Bf16; ///< what plans count with
    bool recordsSteps
        = true; ///< decoding replays a graph; false: every kernel is launched by itself
    /// Tokens of a batch from which on experts in RAM go through the GPU, where the plan has room for that; unset:
    /// as soon as it is quicker (expert_cost.h).
    std::optional<std::size_t> streamsFrom = {};
    bool waitsForExperts = false; ///< the cache's changes depend on tokens alone: for tests
    PromptOptions prompt = {};
};

/// The backend of one GPU, with the processor for what the plan leaves in RAM: the feed-forwards of some
/// layers (computed while the GPU goes on with the shared experts), or the last layers in whole.
///
/// A step of one token is recorded once, in as few graphs as the processor's parts leave, and replayed:
/// nothing is copied or waited for within a graph. Batches are queued kernel by kernel.
///
/// `network` and its file must outlive the backend. Everything is taken here: fails with
/// OutOfMemory, giving all back, and with DeviceLost. Precondition: plan.gpu.
[[nodiscard]] Result<std::unique_ptr<Backend>> makeCudaBackend(
    const Network& network, const PlacementPlan& plan, const CudaBackendOptions& options = {});

/// What makeCudaBackend() takes of the GPU for a batch beside weights and cache, but for the attention's
/// partial results, which depend on the GPU.
[[nodiscard]] std::uint64_t cudaWorkBytes(const Network& network, const PlacementPlan& plan);

/// A sentence for what the device says: OutOfMemory while something is made, else DeviceLost.
[[nodiscard]] Error cudaError(const kernels::cuda::Status& status, bool making = false);

} // namespace ponder
