#include "engine/backend/gpu/backend_parts.h"

#include <algorithm>

#include "kernels/cpu/rope/rope.h"
#include "kernels/cuda/runtime/devices.h"
#include "kernels/cuda/runtime/kernel_list.h"

namespace ponder {

using kernels::LogitSummary;
using kernels::cuda::AttentionWorkspace;
using kernels::cuda::Event;
using kernels::cuda::kMaxDecodeTokens;
using kernels::cuda::PinnedArray;
using kernels::cuda::Status;
using kernels::cuda::Stream;

namespace {

/// The largest need of memory that the products of any step have.
std::size_t productBytes(const Network& network, const DeviceWeights& weights,
    const std::vector<DeviceLayer>& layers, std::size_t batch, const PromptOptions& prompt)
{
    Carver counts;
    const StepBuffers buffers(network, layers, batch, counts);
    const AttentionWorkspace none;
    std::size_t most = 0;
    // The fewest tokens of an expanded prompt leave the most room for positions.
    for (const std::size_t tokens : {std::size_t{1}, std::min(batch, kMaxDecodeTokens),
             std::min(batch, prompt.fewestTokens), batch}) {
        DeviceQueue measures;
        DeviceStep step(network, weights, layers, buffers, none, measures, prompt);
        for (std::size_t i = 0; i < layers.size(); ++i) {
            step.attention(i, tokens, 0);
            if (layers[i].isRouted())
                step.router(i, tokens);
            step.feedForward(i, tokens, true);
            if (layers[i].moved)
                measures.feedForward(step.feedForwardArgs(i, tokens, &*layers[i].moved));
        }
        step.head(0, std::min(tokens, kMaxDecodeTokens));
        most = std::max(most, measures.needed());
    }
    return most;
}

template <typename T> Status keep(T& to, kernels::cuda::Outcome<typename T::value_type> made)
{
    if (!made)
        return made.error();
    to.emplace(std::move(*made));
    return {};
}

template <typename T> Status keepBytes(T& to, std::size_t bytes)
{
    auto made = T::create(bytes);
    if (!made)
        return made.error();
    to = std::move(*made);
    return {};
}

Status sendFrequencies(const BackendParts& p)
{
    for (const DeviceLayer& d : p.layers) {
        const kernels::RopeAngles angles(ropeOf(*d.layer));
        float* to = const_cast<float*>(p.buffers->ropes[d.angles].frequencies);
        PONDER_CUDA_TRY(kernels::cuda::upload(angles.frequencies(), to, p.stream->get()));
    }
    return p.stream->wait();
}

Status takeAll(const Network& network, const PlacementPlan& plan, const CudaBackendOptions& options,
    BackendParts& p)
{
    const GpuShare& share = *plan.gpu;
    PONDER_CUDA_TRY(kernels::cuda::useDevice(share.gpu.index));
    const auto limits = kernels::cuda::deviceLimits(share.gpu.index);
    if (!limits)
        return limits.error();
    PONDER_CUDA_TRY(kernels::cuda::prepareKernels());
    PONDER_CUDA_TRY(keep(p.stream, Stream::create()));

    // Cache and work first: they are quick to take, and weights are long to read.
    const std::vector<PlacedWeights> pieces = piecesOnGpu(network, share);
    p.weights = DeviceWeights(pieces);
    p.layers = deviceLayers(network, share, p.weights);
    Carver cacheSize;
    placeCaches(p.layers, options.cache, plan.contextLength, cacheSize);
    for (const DeviceLayer& layer : p.layers) {
        if (layer.place.attentionOnGpu && !attentionFits(layer.keys, layer.values, *limits))
            return {cudaErrorInvalidConfiguration, "attention"};
    }
    PONDER_CUDA_TRY(keepBytes(p.cacheMemory, cacheSize.bytes()));
    Carver workSize;
    p.buffers.emplace(network, p.layers, plan.batch, workSize);
    const std::size_t product
        = productBytes(network, p.weights, p.layers, plan.batch, options.prompt);
    PONDER_CUDA_TRY(keepBytes(p.workMemory, workSize.bytes() + product));
    const AttentionExtent extent = attentionExtent(p.layers);
    auto workspace = AttentionWorkspace::create(plan.batch, extent.heads, extent.valueDim, *limits);
    if (!workspace)
        return workspace.error();
    p.workspace = std::move(*workspace);
    PONDER_CUDA_TRY(p.weights.upload(p.stream->get()));

    // Once more, now with addresses.
    p.layers = deviceLayers(network, share, p.weights);
    Carver cache(p.cacheMemory.data());
    placeCaches(p.layers, options.cache, plan.contextLength, cache);
    Carver work(p.workMemory.data());
    p.buffers.emplace(network, p.layers, plan.batch, work);
    p.queue = DeviceQueue(p.stream->get(), *limits, p.workMemory.data() + work.bytes(), product);

    const auto* inputEnd = reinterpret_cast<std::byte*>(p.buffers->input.tokens + plan.batch);
    PONDER_CUDA_TRY(keepBytes(p.input,
        static_cast<std::size_t>(inputEnd - reinterpret_cast<std::byte*>(p.buffers->input.state))));
    PONDER_CUDA_TRY(
        keepBytes(p.logits, kMaxDecodeTokens * p.buffers->logits.stride * sizeof(float)));
    if (network.vocabularySize <= kernels::cuda::kMaxVocabulary) {
        auto candidates = kernels::cuda::CandidateWorkspace::create(1);
        if (!candidates)
            return candidates.error();
        p.candidates = std::move(*candidates);
        auto summary = PinnedArray<LogitSummary>::create(1);
        if (!summary)
            return summary.error();
        p.summary = std::move(*summary);
    }
    PONDER_CUDA_TRY(keep(p.inputRead, Event::create()));
    PONDER_CUDA_TRY(keep(p.fetched, Event::create()));
    return sendFrequencies(p);
}

} // namespace

std::uint64_t cudaWorkBytes(const Network& network, const PlacementPlan& plan)
{
    const DeviceWeights weights(piecesOnGpu(network, *plan.gpu));
    const std::vector<DeviceLayer> layers = deviceLayers(network, *plan.gpu, weights);
    Carver counts;
    const StepBuffers buffers(network, layers, plan.batch, counts);
    return counts.bytes() + productBytes(network, weights, layers, plan.batch, {});
}

Result<std::unique_ptr<BackendParts>> takeParts(
    const Network& network, const PlacementPlan& plan, const CudaBackendOptions& options)
{
    auto parts = std::make_unique<BackendParts>();
    if (const Status status = takeAll(network, plan, options, *parts); !status.ok())
        return tl::unexpected(cudaError(status, true));
    if (!plan.gpu->isWhole()) {
        auto host = CpuOffload::create(network, plan);
        if (!host)
            return tl::unexpected(host.error());
        parts->host.emplace(std::move(*host));
    }
    parts->experts.emplace(
        HostExperts::create(network, plan, options, parts->layers, parts->stream->get()));
    return parts;
}

} // namespace ponder
