#include "engine/backend/gpu/cpu_offload.h"

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

Result<CpuOffload> CpuOffload::create(const Network& network, const PlacementPlan& plan)
{
    CpuOffload offload;
    offload.m_hidden = network.hiddenSize;
    offload.m_stride = (network.hiddenSize + 3) / 4 * 4;
    auto layers = CpuLayers::create(network,
        {.contextLength = plan.contextLength,
            .threads = plan.threads,
            .firstLayer = plan.gpu->attentionLayers()});
    if (!layers)
        return tl::unexpected(layers.error());
    offload.m_layers = std::move(*layers);
    std::size_t used = 0;
    for (const Layer& layer : network.layers) {
        if (const auto* moe = std::get_if<MoeFeedForward>(&layer.feedForward))
            used = std::max<std::size_t>(used, moe->routing.used);
    }
    const std::size_t floats = plan.batch * offload.m_stride;
    for (const auto& status : {make(offload.m_residual, floats), make(offload.m_branch, floats),
             make(offload.m_experts, plan.batch * used),
             make(offload.m_weights, plan.batch * used)}) {
        if (!status.ok())
            return tl::unexpected(cudaError(status, true));
    }
    return offload;
}

void CpuOffload::fetchResidual(
    const StepBuffers& buffers, std::size_t tokens, DeviceQueue& queue) const
{
    queue.run([&] {
        return copyBytes(m_residual.data(), buffers.residual.data,
            tokens * buffers.residual.stride * sizeof(float), cudaMemcpyDeviceToHost,
            queue.stream());
    });
}

void CpuOffload::fetch(const StepBuffers& buffers, std::size_t layer, std::size_t used,
    std::size_t tokens, DeviceQueue& queue) const
{
    fetchResidual(buffers, tokens, queue);
    if (used > 0)
        fetchChoices(buffers, layer, used, tokens, queue);
}

void CpuOffload::fetchChoices(const StepBuffers& buffers, std::size_t layer, std::size_t used,
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

void CpuOffload::sendBranch(
    const StepBuffers& buffers, std::size_t tokens, DeviceQueue& queue) const
{
    queue.run([&] {
        return copyBytes(buffers.fromHost.data, m_branch.data(),
            tokens * buffers.fromHost.stride * sizeof(float), cudaMemcpyHostToDevice,
            queue.stream());
    });
}

void CpuOffload::sendResidual(
    const StepBuffers& buffers, std::size_t tokens, DeviceQueue& queue) const
{
    queue.run([&] {
        return copyBytes(buffers.residual.data, m_residual.data(),
            tokens * buffers.residual.stride * sizeof(float), cudaMemcpyHostToDevice,
            queue.stream());
    });
}

void CpuOffload::computeFeedForward(std::size_t layer, std::size_t used, std::size_t tokens)
{
    m_layers->feedForwardBranch(layer,
        ConstFloatRows(m_residual.data(), tokens, m_hidden, m_stride),
        {m_experts.data(), tokens * used}, {m_weights.data(), tokens * used},
        FloatRows(m_branch.data(), tokens, m_hidden, m_stride));
}

bool CpuOffload::runLayers(const Batch& batch, std::vector<LayerRouting>& routing)
{
    const FloatRows rows = m_layers->beginBatch(batch.tokens.size(), batch.position);
    for (std::size_t t = 0; t < rows.rows; ++t)
        std::copy_n(m_residual.data() + t * m_stride, m_hidden, rows.row(t));
    if (!m_layers->run(batch, routing))
        return false;
    for (std::size_t t = 0; t < rows.rows; ++t)
        std::copy_n(rows.row(t), m_hidden, m_residual.data() + t * m_stride);
    return true;
}

} // namespace ponder
