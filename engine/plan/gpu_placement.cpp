#include "engine/plan/gpu_placement.h"

#include <algorithm>

#include "engine/plan/expert_layout.h"
#include "engine/plan/placed_weights.h"

namespace ponder {
namespace {

constexpr std::uint32_t kSmallBatch = 512; ///< layers are placed for it
constexpr std::uint32_t kLargeBatch = 2048; ///< where everything is on the GPU and memory is left
/// The largest batch where experts are streamed through the GPU. From some hundred tokens on a batch chooses nearly
/// every expert (V3: 8 of 256, so 512 tokens miss one in ten million), and each is copied once, so a token's share of
/// the copies falls with the batch. For V3 the copies take longer than the products up to about 37,000 tokens
/// (ExpertSpeeds: 6.3 GB a layer at 12 GB/s; 0.7 GFLOP a token at 50 TFLOP/s). The limit is the memory that a
/// batch takes for its activations.
constexpr std::uint32_t kStreamingBatch = 4096;
constexpr std::uint32_t kBatchStep = 64; ///< tokens of a tile of products (kernels/cuda/prefill)
/// Of each of the two buffers through which experts are streamed. At 12 GB/s it is filled in 5.6 ms; starting a copy
/// and waking a thread take some tens of microseconds.
constexpr std::uint64_t kStreamSlot = 64 * kMiB;
/// A larger batch takes GPU memory from routed experts, at most 1 / kBatchPart of what they have. It takes at most
/// 1 / kBatchCost of the bytes of those in RAM, so decoding reads at most a sixteenth more from RAM. Chosen, not
/// measured.
constexpr std::uint64_t kBatchPart = 4;
constexpr std::uint64_t kBatchCost = 16;
/// 1 / kCachePart of the memory for routed experts holds the most used ones of all layers instead of whole layers.
/// Chosen, not measured.
constexpr std::uint64_t kCachePart = 8;

/// The fraction of a memory's bandwidth at which decoding reads weights. The processor's is measured (kDecodeShare in
/// placement_plan.cpp). The GPU's is an estimate.
constexpr double kCpuFraction = 0.5;
constexpr double kGpuFraction = 0.5;
/// Seconds a layer for handing its experts to the processor and taking the results back: two copies of a few
/// kilobytes and two waits, of which each takes 5 to 10 microseconds.
constexpr double kCrossing = 30e-6;

struct LayerBytes {
    std::uint64_t base = 0, feedForward = 0; // on the GPU
    std::uint64_t hostBase = 0, hostFeedForward = 0; // in the file
    std::uint64_t activeFeedForward = 0; // a token
    std::uint64_t gpuCache = 0, hostCache = 0; // a token
    bool routed = false;
    std::uint64_t expert = 0; // one with the layer's table of places; 0: none can be moved alone
};

std::uint64_t expertBytes(const Layer& layer)
{
    const auto* moe = std::get_if<MoeFeedForward>(&layer.feedForward);
    const auto layout = moe != nullptr ? ExpertLayout::of(*moe) : std::nullopt;
    return layout ? layout->tableBytes() + layout->bytes() : 0;
}

std::uint64_t matrixBytes(const PlacedWeights& weights)
{
    std::uint64_t bytes = 0;
    for (const WeightMatrix* m : weights.matrices)
        bytes += m->bytes();
    return bytes;
}

LayerBytes bytesOf(const Layer& layer, kernels::CacheType cache)
{
    const PlacedWeights base = baseWeights(layer);
    const PlacedWeights feedForward = feedForwardWeights(layer);
    return {.base = base.deviceBytes(),
        .feedForward = feedForward.deviceBytes(),
        .hostBase = matrixBytes(base),
        .hostFeedForward = matrixBytes(feedForward),
        .activeFeedForward = activeFeedForwardBytes(layer),
        .gpuCache = gpuCacheBytes(layer.attention, cache),
        .hostCache = cacheRows(layer.attention).bytes(),
        .routed = isRouted(layer),
        .expert = expertBytes(layer)};
}

/// Places layers for one context length after the other.
class Placer {
public:
    Placer(
        const Network& network, const Gpu& gpu, std::uint64_t usableRam, kernels::CacheType cache)
        : m_network(network)
        , m_usableRam(usableRam)
        , m_ends(endWeights(network).deviceBytes())
        , m_streamBytes(expertStreamBytes(network))
    {
        const std::uint64_t reserve = gpuReserve(gpu.memoryBytes);
        m_usable = gpu.availableBytes - std::min(reserve, gpu.availableBytes);
        for (const Layer& layer : network.layers)
            m_layers.push_back(bytesOf(layer, cache));
    }

    /// The greedy placement; false: nothing useful fits.
    bool place(std::uint64_t context, std::uint64_t batch)
    {
        return place(context, batch, true) || place(context, batch, false);
    }
    /// The batch, at least `batch`, for which uploading experts pays well. Its buffers come out of the memory that place() left
    /// to routed experts.
    [[nodiscard]] std::uint64_t streamingBatch(std::uint64_t context, std::uint64_t batch);
    [[nodiscard]] bool isWhole() const
    {
        return std::ranges::all_of(
            m_places, [](const LayerPlace& p) { return p.feedForwardOnGpu; });
    }
    void fill(
        PlacementPlan& plan, GpuShare& share, std::uint64_t context, std::uint64_t batch) const;

private:
    bool place(std::uint64_t context, std::uint64_t batch, bool moves);
    void placeRouted(std::uint64_t& room, std::uint64_t context, std::uint64_t batch);
    [[nodiscard]] std::uint64_t hostBytes(std::uint64_t context, std::uint64_t batch) const;
    [[nodiscard]] std::uint64_t hostWork(std::uint64_t batch) const;

    std::vector<LayerPlace> m_places;
    std::uint64_t m_roomForRouted = 0; // after everything else; 0: not everything else fits
    std::uint64_t m_stream = 0, m_cache = 0;

    const Network& m_network;
    std::uint64_t m_usable = 0, m_usableRam = 0, m_ends = 0, m_streamBytes = 0;
    std::vector<LayerBytes> m_layers;
};

/// moves: with memory for experts that are brought when they are needed.
bool Placer::place(std::uint64_t context, std::uint64_t batch, bool moves)
{
    m_places.assign(m_layers.size(), {});
    m_roomForRouted = m_stream = m_cache = 0;
    const std::uint64_t fixed = m_ends + gpuWorkBytes(m_network, batch);
    if (fixed > m_usable)
        return false;
    std::uint64_t room = m_usable - fixed;
    std::size_t attention = 0;
    for (; attention < m_layers.size(); ++attention) {
        const LayerBytes& l = m_layers[attention];
        const std::uint64_t cache = context * l.gpuCache;
        if (l.base > room || cache > room - l.base)
            break;
        room -= l.base + cache;
        m_places[attention].attentionOnGpu = true;
    }
    if (attention == 0)
        return false;
    // Only after all attention: what a token reads in full gains more from the GPU.
    bool all = attention == m_layers.size();
    std::uint64_t routed = 0;
    for (std::size_t i = 0; i < m_layers.size() && all; ++i) {
        if (m_layers[i].routed) {
            routed += m_layers[i].feedForward;
        } else if (m_layers[i].feedForward > room) {
            all = false;
        } else {
            room -= m_layers[i].feedForward;
            m_places[i].feedForwardOnGpu = true;
        }
    }
    const bool whole = all && routed <= room;
    if (moves && !whole && m_streamBytes <= room) {
        m_stream = m_streamBytes;
        room -= m_stream;
        m_cache = all ? room / kCachePart : 0; // kept free by placeRouted()
    }
    if (all) {
        m_roomForRouted = room;
        placeRouted(room, context, batch);
    }
    m_cache = 0;
    std::uint64_t most = 0;
    std::uint64_t least = 0;
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const LayerBytes& l = m_layers[i];
        if (!m_places[i].attentionOnGpu || m_places[i].feedForwardOnGpu || l.expert == 0)
            continue;
        most += l.feedForward + l.expert; // its table and what alignment takes
        least = std::max(least, l.expert);
    }
    if (m_stream > 0 && room >= least)
        m_cache = std::min(room, most) / kDeviceAlignment * kDeviceAlignment;
    return hostBytes(context, batch) <= m_usableRam;
}

/// As many layers as fit in addition to m_cache. While RAM is too small for the others, m_cache gives way.
void Placer::placeRouted(std::uint64_t& room, std::uint64_t context, std::uint64_t batch)
{
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const std::uint64_t bytes = m_layers[i].feedForward;
        if (!m_layers[i].routed)
            continue;
        if (bytes > room || (bytes + m_cache > room && hostBytes(context, batch) <= m_usableRam))
            return;
        room -= bytes;
        m_places[i].feedForwardOnGpu = true;
    }
}

std::uint64_t Placer::streamingBatch(std::uint64_t context, std::uint64_t batch)
{
    std::uint64_t inRam = 0;
    for (std::size_t i = 0; i < m_layers.size(); ++i)
        if (m_layers[i].routed && !m_places[i].feedForwardOnGpu)
            inRam += m_layers[i].feedForward;
    const std::uint64_t room = std::min(m_roomForRouted / kBatchPart, inRam / kBatchCost);
    // What leaves the GPU for it goes to RAM, and may take half of what is free there.
    const std::uint64_t free = m_usableRam - std::min(hostBytes(context, batch), m_usableRam);
    const auto fits = [&](std::uint64_t larger) {
        const std::uint64_t taken
            = gpuWorkBytes(m_network, larger) - gpuWorkBytes(m_network, batch);
        const std::uint64_t ram = hostWork(larger) - hostWork(batch);
        return taken <= room && taken + ram <= free / 2;
    };
    std::uint64_t larger
        = std::min<std::uint64_t>(kStreamingBatch, context / kBatchStep * kBatchStep);
    while (larger > batch && !fits(larger))
        larger -= kBatchStep;
    for (; larger > batch; larger -= kBatchStep)
        if (place(context, larger) && m_stream > 0)
            return larger;
    return batch;
}

std::uint64_t Placer::hostWork(std::uint64_t batch) const
{
    return hostWorkBytes(m_network, batch, isWhole()) + m_stream
        + (m_cache > 0 ? kCacheStagingBytes : 0);
}

std::uint64_t Placer::hostBytes(std::uint64_t context, std::uint64_t batch) const
{
    std::uint64_t bytes = hostWork(batch);
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const LayerBytes& l = m_layers[i];
        if (!m_places[i].attentionOnGpu)
            bytes += l.hostBase + context * l.hostCache;
        if (!m_places[i].feedForwardOnGpu)
            bytes += l.hostFeedForward;
    }
    return bytes;
}

void Placer::fill(
    PlacementPlan& plan, GpuShare& share, std::uint64_t context, std::uint64_t batch) const
{
    share.layers = m_places;
    share.weightBytes = m_ends;
    share.workBytes = gpuWorkBytes(m_network, batch);
    share.bytesPerToken = m_network.embedding.rowBytes + m_network.output.bytes();
    plan.workBytes = hostWork(batch);
    share.streamBytes = m_stream;
    share.expertCacheBytes = m_cache;
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const LayerBytes& l = m_layers[i];
        if (m_places[i].attentionOnGpu) {
            share.weightBytes += l.base;
            share.cacheBytes += context * l.gpuCache;
            share.bytesPerToken += l.hostBase;
        } else {
            plan.weightBytes += l.hostBase;
            plan.cacheBytes += context * l.hostCache;
        }
        if (m_places[i].feedForwardOnGpu) {
            share.weightBytes += l.feedForward;
            share.bytesPerToken += l.activeFeedForward;
        } else {
            plan.weightBytes += l.hostFeedForward;
        }
    }
    plan.contextLength = static_cast<std::uint32_t>(context);
    plan.batch = static_cast<std::uint32_t>(batch);
}

/// The largest value from least to most that fits, where what is smaller fits as well; 0: none.
template <typename Fits>
std::uint64_t largest(std::uint64_t least, std::uint64_t most, const Fits& fits)
{
    if (fits(most))
        return most;
    if (least >= most || !fits(least))
        return 0;
    while (most - least > 1) {
        const std::uint64_t middle = least + (most - least) / 2;
        (fits(middle) ? least : most) = middle;
    }
    return least;
}

/// Tokens of context that a plan is to hold before experts take its room.
std::uint32_t wantedContext(const Network& network, const PlacementRequest& request)
{
    return std::min(request.contextLength == 0 ? kComfortableContext : request.contextLength,
        network.contextLength);
}

double tokensPerSecond(const PlacementPlan& plan, const Machine& machine)
{
    const GpuShare& share = *plan.gpu;
    const std::uint64_t host
        = plan.bytesPerToken - std::min(share.bytesPerToken, plan.bytesPerToken);
    if (share.gpu.bandwidth <= 0 || (host > 0 && machine.bandwidth <= 0))
        return 0;
    double seconds
        = static_cast<double>(share.bytesPerToken) / (kGpuFraction * share.gpu.bandwidth);
    if (host > 0) {
        seconds += static_cast<double>(host) / (kCpuFraction * machine.bandwidth);
        const auto crossings = std::ranges::count_if(share.layers,
            [](const LayerPlace& p) { return p.attentionOnGpu && !p.feedForwardOnGpu; });
        seconds += kCrossing * static_cast<double>(crossings);
    }
    return 1 / seconds;
}

} // namespace

std::uint64_t gpuReserve(std::uint64_t memoryBytes)
{
    return std::clamp(memoryBytes / 24, 384 * kMiB, 1024 * kMiB);
}

std::uint64_t expertStreamBytes(const Network& network)
{
    std::uint64_t slot = 0;
    for (const Layer& layer : network.layers) {
        const auto* moe = std::get_if<MoeFeedForward>(&layer.feedForward);
        const auto layout = moe != nullptr ? ExpertLayout::of(*moe) : std::nullopt;
        if (!layout)
            continue;
        const std::uint64_t one = layout->tableBytes() + layout->bytes();
        const std::uint64_t half
            = layout->tableBytes() + (layout->experts() + 1) / 2 * layout->bytes();
        slot = std::max(slot, std::clamp(kStreamSlot, one, std::max(one, half)));
    }
    return 2 * ((slot + kDeviceAlignment - 1) / kDeviceAlignment * kDeviceAlignment);
}

std::uint64_t hostWorkBytes(const Network& network, std::uint64_t batch, bool gpuHasAll)
{
    constexpr std::uint64_t kStaging = 64 * kMiB;
    return kStaging + network.vocabularySize * sizeof(float)
        + (gpuHasAll ? 0 : cpuWorkBytes(network, batch));
}

namespace {

/// The plan with a cache of this kind. grows: where all layers fit and no context was requested, the rest
/// of the memory is context.
std::optional<PlacementPlan> planWithCache(const Network& network, const Machine& machine,
    const Gpu& gpu, const PlacementRequest& request, std::uint64_t usableRam,
    kernels::CacheType cache, bool grows)
{
    Placer placer(network, gpu, usableRam, cache);
    const std::uint32_t wanted = wantedContext(network, request);
    std::uint64_t batch = request.batch > 0 ? request.batch : kSmallBatch;
    std::uint64_t context = largest(std::min(wanted, kSmallestContext), wanted,
        [&](std::uint64_t c) { return placer.place(c, batch); });
    if (context == 0)
        return std::nullopt;
    placer.place(context, batch);
    const bool whole = placer.isWhole();
    const auto staysWhole
        = [&](std::uint64_t c, std::uint64_t b) { return placer.place(c, b) && placer.isWhole(); };
    if (whole && grows && request.contextLength == 0 && context < network.contextLength)
        context = largest(
            context, network.contextLength, [&](std::uint64_t c) { return staysWhole(c, batch); });
    if (whole && request.batch == 0 && staysWhole(context, kLargeBatch))
        batch = kLargeBatch;
    else if (!whole && request.batch == 0 && placer.place(context, batch))
        batch = placer.streamingBatch(context, batch);

    PlacementPlan plan;
    plan.threads = request.threads == 0 ? std::max(machine.cores, 1U) : request.threads;
    plan.availableBytes = machine.availableBytes;
    plan.bytesPerToken = network.activeWeightBytes();
    placer.place(context, batch);
    plan.gpu.emplace();
    plan.gpu->gpu = gpu;
    plan.gpu->cache = cache;
    plan.gpu->reserveBytes = gpuReserve(gpu.memoryBytes);
    placer.fill(plan, *plan.gpu, context, std::min(batch, context));
    plan.tokensPerSecond = tokensPerSecond(plan, machine);
    return plan;
}

} // namespace

std::optional<PlacementPlan> planOnGpu(const Network& network, const Machine& machine,
    const Gpu& gpu, const PlacementRequest& request, std::uint64_t usableRam)
{
    if (request.cache)
        return planWithCache(network, machine, gpu, request, usableRam, *request.cache, true);
    auto plan
        = planWithCache(network, machine, gpu, request, usableRam, kernels::CacheType::Bf16, true);
    const std::uint32_t wanted = wantedContext(network, request);
    if (plan && plan->gpu->isWhole() && plan->contextLength >= wanted)
        return plan;
    // Only for what it was taken for: a context beyond that is not worth its rounding.
    auto small
        = planWithCache(network, machine, gpu, request, usableRam, kernels::CacheType::Fp8, false);
    if (!small || !plan)
        return small;
    const bool helps = small->contextLength > plan->contextLength
        || (small->gpu->isWhole() && !plan->gpu->isWhole());
    return helps ? small : plan;
}

} // namespace ponder
