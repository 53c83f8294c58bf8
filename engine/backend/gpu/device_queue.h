#pragma once

#include <algorithm>
#include <cstddef>

#include "kernels/cuda/attention/absorbed.h"
#include "kernels/cuda/matmul/product.h"
#include "kernels/cuda/moe/feed_forward.h"
#include "kernels/cuda/runtime/stream.h"

namespace ponder {

/// The stream that a backend's steps go to, the memory that its kernels share, and what went wrong first:
/// after that nothing is queued any more. One that measures queues nothing and finds out how much memory
/// the same calls would need.
class DeviceQueue {
public:
    /// Measures.
    DeviceQueue() = default;
    /// memory: of `bytes`; both must outlive the queue.
    DeviceQueue(cudaStream_t stream, const kernels::cuda::DeviceLimits& limits, std::byte* memory,
        std::size_t bytes)
        : m_work{stream, limits, memory, bytes, true}
        , m_measures(false)
    {
    }

    [[nodiscard]] cudaStream_t stream() const { return m_work.stream; }
    [[nodiscard]] const kernels::cuda::Status& status() const { return m_status; }
    [[nodiscard]] bool isWell() const { return m_status.ok(); }
    [[nodiscard]] bool measures() const { return m_measures; }
    [[nodiscard]] std::size_t needed() const { return m_needed; } ///< when measuring

    void note(const kernels::cuda::Status& status)
    {
        if (m_status.ok())
            m_status = status;
    }

    /// queue(): Status; not called when measuring, nor after something went wrong.
    template <typename Queue> void run(const Queue& queue)
    {
        if (!m_measures && isWell())
            note(queue());
    }

    void product(const kernels::cuda::ProductArgs& args)
    {
        need(m_measures ? kernels::cuda::productMemory(args) : 0);
        if (!m_measures && isWell())
            note(kernels::cuda::product(m_work, args));
    }
    void absorbedAttention(
        const kernels::cuda::AbsorbedAttention& args, const kernels::cuda::AttentionRoom& room)
    {
        need(m_measures ? kernels::cuda::absorbedAttentionMemory(args) : 0);
        if (!m_measures && isWell())
            note(kernels::cuda::absorbedAttention(m_work, args, room));
    }
    void feedForward(const kernels::cuda::FeedForwardArgs& args)
    {
        need(m_measures ? kernels::cuda::feedForwardMemory(args) : 0);
        if (!m_measures && isWell())
            note(kernels::cuda::feedForward(m_work, args));
    }

private:
    void need(std::size_t bytes) { m_needed = std::max(m_needed, bytes); }

    kernels::cuda::Work m_work;
    kernels::cuda::Status m_status;
    bool m_measures = true;
    std::size_t m_needed = 0;
};

} // namespace ponder
