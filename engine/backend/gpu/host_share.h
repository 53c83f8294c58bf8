#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "engine/backend/cpu/cpu_backend.h"
#include "engine/backend/gpu/device_step.h"
#include "engine/plan/placement_plan.h"
#include "kernels/cuda/runtime/memory.h"
#include "kernels/cuda/runtime/stream.h"

namespace ponder {

/// The processor's share of a plan with a GPU: the feed-forwards of some layers, or the last layers in
/// whole. The stream and the choices come to pinned memory and what was computed goes back from there.
/// Copies are queued, so that they can be recorded; compute…() waits for nothing and is called when the
/// copy from the device is done.
class HostShare {
public:
    /// Fails with OutOfMemory. Precondition: !plan.gpu->isWhole().
    [[nodiscard]] static Result<HostShare> create(
        const Network& network, const PlacementPlan& plan);

    /// The stream and a layer's choices (where it is routed) to the processor.
    void fetch(const StepBuffers& buffers, std::size_t layer, std::size_t used, std::size_t tokens,
        DeviceQueue& queue) const;
    void fetchChoices(const StepBuffers& buffers, std::size_t layer, std::size_t used,
        std::size_t tokens, DeviceQueue& queue) const;
    void fetchStream(const StepBuffers& buffers, std::size_t tokens, DeviceQueue& queue) const;
    /// What computeFeedForward() made, to buffers.fromHost.
    void sendBranch(const StepBuffers& buffers, std::size_t tokens, DeviceQueue& queue) const;
    /// What computeLayers() made, in the place of the stream.
    void sendStream(const StepBuffers& buffers, std::size_t tokens, DeviceQueue& queue) const;

    /// The choices that came, [tokens, used]: what computeFeedForward() goes by. Those made negative add nothing.
    [[nodiscard]] std::span<std::int32_t> choices(std::size_t used, std::size_t tokens) const
    {
        return m_experts.span().first(tokens * used);
    }
    void computeFeedForward(std::size_t layer, std::size_t used, std::size_t tokens);
    /// The layers that run here in whole: from beginLayers(), once the stream is here, to endLayers().
    void beginLayers(std::size_t tokens, std::size_t position);
    void attention(std::size_t layer) { m_processor->attention(layer); }
    void feedForward(std::size_t layer) { m_processor->feedForward(layer); }
    void endLayers();

    void truncate(std::size_t position) { m_processor->truncate(position); }
    [[nodiscard]] ExpertChoice lastChoice(std::size_t layer) const
    {
        return m_processor->lastChoice(layer);
    }

private:
    HostShare() = default;

    std::size_t m_hidden = 0, m_stride = 0; // floats of a row, and to the next
    std::unique_ptr<CpuBackend> m_processor;
    kernels::FloatRows m_rows; // of the layers that run here
    kernels::cuda::PinnedArray<float> m_stream, m_branch; // [batch, hidden], strides as on the GPU
    kernels::cuda::PinnedArray<std::int32_t> m_experts; // [batch, most used]
    kernels::cuda::PinnedArray<float> m_weights;
};

} // namespace ponder
