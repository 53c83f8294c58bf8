#include "engine/backend/gpu/host_share.h"

#include <algorithm>

#include "engine/backend/gpu/cuda_backend.h"

namespace ponder {

using kernels::ConstFloatRows;
using kernels::FloatRows;
using kernels::cuda::copyBytes;
using kernels::cuda::PinnedArray;

namespace {

template <typename T> kernels::cuda::Status make(PinnedArray<T>& array, std::size_t count)
{
    auto made = PinnedArray<T>::create(std::max<std::size_t>(count, 1));
    if (!made)
        return made.error();
    array = std::move(*made);
    return {};
}

} // namespace

Result<HostShare> HostShare::create(const Network& network, const PlacementPlan& plan)
{
    HostShare share;
    share.m_hidden = network.hiddenSize;
    share.m_stride = (network.hiddenSize + 3) / 4 * 4;
    auto processor = makeCpuBackend(network,
        {.contextLength = plan.contextLength,
            .batch = plan.batch,
            .threads = plan.threads,
            .firstLayer = plan.gpu->attentionLayers()});
    if (!processor)
        return tl::unexpected(processor.error());
    share.m_processor = std::move(*processor);
    std::size_t used = 0;
    for (const Layer& layer : network.layers) {
        if (const auto* moe = std::get_if<MoeFeedForward>(&layer.feedForward))
            used = std::max<std::size_t>(used, moe->routing.used);
    }
    const std::size_t floats = plan.batch * share.m_stride;
    for (const auto& status : {make(share.m_stream, floats), make(share.m_branch, floats),
             make(share.m_experts, plan.batch * used), make(share.m_weights, plan.batch * used)}) {
        if (!status.ok())
            return tl::unexpected(cudaError(status, true));
    }
    return share;
}

void HostShare::fetchStream(
    const StepBuffers& buffers, std::size_t tokens, DeviceQueue& queue) const
{
    queue.run([&] {
        return copyBytes(m_stream.data(), buffers.stream.data,
            tokens * buffers.stream.stride * sizeof(float), cudaMemcpyDeviceToHost, queue.stream());
    });
}

void HostShare::fetch(const StepBuffers& buffers, std::size_t layer, std::size_t used,
    std::size_t tokens, DeviceQueue& queue) const
{
    fetchStream(buffers, tokens, queue);
    if (used > 0)
        fetchChoices(buffers, layer, used, tokens, queue);
}

void HostShare::fetchChoices(const StepBuffers& buffers, std::size_t layer, std::size_t used,
    std::size_t tokens, DeviceQueue& queue) const
{
    const StepBuffers::Choice& choice = buffers.choices[layer];
    queue.run([&] {
        return copyBytes(m_experts.data(), choice.experts, tokens * used * sizeof(std::int32_t),
            cudaMemcpyDeviceToHost, queue.stream());
    });
    queue.run([&] {
        return copyBytes(m_weights.data(), choice.weights, tokens * used * sizeof(float),
            cudaMemcpyDeviceToHost, queue.stream());
    });
}

void HostShare::sendBranch(const StepBuffers& buffers, std::size_t tokens, DeviceQueue& queue) const
{
    queue.run([&] {
        return copyBytes(buffers.fromHost.data, m_branch.data(),
            tokens * buffers.fromHost.stride * sizeof(float), cudaMemcpyHostToDevice,
            queue.stream());
    });
}

void HostShare::sendStream(const StepBuffers& buffers, std::size_t tokens, DeviceQueue& queue) const
{
    queue.run([&] {
        return copyBytes(buffers.stream.data, m_stream.data(),
            tokens * buffers.stream.stride * sizeof(float), cudaMemcpyHostToDevice, queue.stream());
    });
}

void HostShare::computeFeedForward(std::size_t layer, std::size_t used, std::size_t tokens)
{
    m_processor->feedForwardBranch(layer,
        ConstFloatRows(m_stream.data(), tokens, m_hidden, m_stride),
        {m_experts.data(), tokens * used}, {m_weights.data(), tokens * used},
        FloatRows(m_branch.data(), tokens, m_hidden, m_stride));
}

void HostShare::beginLayers(std::size_t tokens, std::size_t position)
{
    m_rows = m_processor->beginStream(tokens, position);
    for (std::size_t t = 0; t < tokens; ++t)
        std::copy_n(m_stream.data() + t * m_stride, m_hidden, m_rows.row(t));
}

void HostShare::endLayers()
{
    for (std::size_t t = 0; t < m_rows.rows; ++t)
        std::copy_n(m_rows.row(t), m_hidden, m_stream.data() + t * m_stride);
}

} // namespace ponder
