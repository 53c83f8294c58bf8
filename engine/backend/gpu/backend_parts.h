#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/backend/gpu/cpu_offload.h"
#include "engine/backend/gpu/cuda_backend.h"
#include "engine/backend/gpu/device_queue.h"
#include "engine/backend/gpu/device_step.h"
#include "engine/backend/gpu/host_experts.h"
#include "kernels/cuda/runtime/memory.h"
#include "kernels/cuda/runtime/stream.h"
#include "kernels/cuda/sample/candidates.h"

namespace ponder {

/// Everything that a backend owns, taken step by step; what was taken is given back where a later step fails.
struct BackendParts {
    std::optional<kernels::cuda::Stream> stream;
    DeviceWeights weights;
    kernels::cuda::DeviceBytes cacheMemory, workMemory;
    kernels::cuda::AttentionWorkspace workspace;
    std::vector<DeviceLayer> layers;
    std::optional<StepBuffers> buffers;
    kernels::cuda::PinnedBytes input; // StepState and tokens as they lie in buffers
    kernels::cuda::PinnedBytes logits; // [kMaxDecodeTokens, vocabulary], strides as in buffers
    kernels::cuda::CandidateWorkspace candidates; // without rows where the vocabulary is too large
    kernels::cuda::PinnedArray<kernels::LogitSummary> summary; // [1]
    std::optional<kernels::cuda::Event> inputRead; // what was in `input` is on the device
    std::optional<kernels::cuda::Event> fetched; // what the processor waits for is there
    std::optional<CpuOffload> host;
    std::optional<HostExperts> experts; // always
    DeviceQueue queue;
};

/// Takes everything that a plan needs of its GPU, and what the processor does beside it. Fails with OutOfMemory and
/// DeviceLost; throws std::bad_alloc.
[[nodiscard]] Result<std::unique_ptr<BackendParts>> takeParts(
    const Network& network, const PlacementPlan& plan, const CudaBackendOptions& options);

} // namespace ponder
