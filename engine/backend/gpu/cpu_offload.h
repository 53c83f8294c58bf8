#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/backend/cpu/cpu_layers.h"
#include "engine/backend/gpu/device_step.h"
#include "engine/plan/placement_plan.h"
#include "kernels/cuda/runtime/memory.h"
#include "kernels/cuda/runtime/stream.h"

namespace ponder {

/// The part of a plan with a GPU that the CPU computes: the feed-forwards of some layers, or the last layers in
/// whole. The residual stream and the choices come to pinned memory, and the results go back from there.
/// Copies are queued, so that they can be recorded; computeFeedForward() and runLayers() wait for nothing: call
/// them when the copy from the device is done.
class CpuOffload {
public:
    /// Fails with OutOfMemory. Precondition: !plan.gpu->isWhole().
    [[nodiscard]] static Result<CpuOffload> create(
        const Network& network, const PlacementPlan& plan);

    /// The residual stream and a layer's choices (where it is routed) to the CPU.
    void fetch(const StepBuffers& buffers, std::size_t layer, std::size_t used, std::size_t tokens,
        DeviceQueue& queue) const;
    void fetchChoices(const StepBuffers& buffers, std::size_t layer, std::size_t used,
        std::size_t tokens, DeviceQueue& queue) const;
    void fetchResidual(const StepBuffers& buffers, std::size_t tokens, DeviceQueue& queue) const;
    /// The output of computeFeedForward(), to buffers.fromHost.
    void sendBranch(const StepBuffers& buffers, std::size_t tokens, DeviceQueue& queue) const;
    /// The output of runLayers(): it replaces the residual stream.
    void sendResidual(const StepBuffers& buffers, std::size_t tokens, DeviceQueue& queue) const;

    /// The choices that were fetched, [tokens, used]: the input of computeFeedForward(). Negative ones add
    /// nothing.
    [[nodiscard]] std::span<std::int32_t> choices(std::size_t used, std::size_t tokens) const
    {
        return m_experts.span().first(tokens * used);
    }
    void computeFeedForward(std::size_t layer, std::size_t used, std::size_t tokens);
    /// Runs the layers whose attention is on the CPU over the residual stream that was fetched. As
    /// CpuLayers::run().
    [[nodiscard]] bool runLayers(const Batch& batch, std::vector<LayerRouting>& routing);

    [[nodiscard]] KvCache& cache() { return m_layers->cache(); }

private:
    CpuOffload() = default;

    std::size_t m_hidden = 0, m_stride = 0; // floats of a row, and to the next
    std::unique_ptr<CpuLayers> m_layers;
    kernels::cuda::PinnedArray<float> m_residual,
        m_branch; // [batch, hidden], strides as on the GPU
    kernels::cuda::PinnedArray<std::int32_t> m_experts; // [batch, most used]
    kernels::cuda::PinnedArray<float> m_weights;
};

} // namespace ponder
