#include "engine/backend/gpu/host_experts.h"

#include <algorithm>
#include <system_error>

#include "engine/plan/gpu_placement.h"
#include "kernels/cpu/bandwidth/bandwidth.h"

namespace ponder {

using kernels::cuda::FeedForwardArgs;

namespace {

/// Of a layer's experts that a batch is likely to choose: reading ahead must seldom be for nothing.
constexpr double kLikely = 0.75;
constexpr unsigned kMaxFillThreads = 8;
constexpr std::size_t kMeasuredBytes = std::size_t{256} << 20U;

} // namespace

HostExperts HostExperts::create(const Network& network, const PlacementPlan& plan,
    const CudaBackendOptions& options, std::vector<DeviceLayer>& layers, cudaStream_t stream)
{
    HostExperts made;
    made.m_streamsFrom = options.streamsFrom;
    made.m_speeds.threads = std::max(plan.threads, 1U);
    made.m_speeds.fillThreads = std::min(made.m_speeds.threads, kMaxFillThreads);
    made.m_sources.resize(layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) {
        if (!layers[i].moved)
            continue;
        const auto& moe = std::get<MoeFeedForward>(network.layers[i].feedForward);
        Source& source = made.m_sources[i];
        source.layout = ExpertLayout::of(moe);
        source.shape = &*layers[i].moved;
        source.work = {.tokens = 1,
            .experts = moe.routing.experts,
            .used = moe.routing.used,
            .hidden = network.hiddenSize,
            .expertBytes = source.layout->bytes(),
            .expertWeights
            = (moe.gate.weights() + moe.up.weights() + moe.down.weights()) / moe.gate.count};
        made.m_flags.resize(std::max<std::size_t>(made.m_flags.size(), moe.routing.experts));
    }
    made.makeStream(plan);
    made.makeCache(plan, options, layers, stream);
    return made;
}

void HostExperts::makeStream(const PlacementPlan& plan)
{
    if (plan.gpu->streamBytes == 0 || m_flags.empty())
        return;
    std::string why = "no threads";
    try {
        auto stream = ExpertStream::create(plan.gpu->streamBytes / 2, m_speeds.fillThreads);
        if (stream) {
            m_stream.emplace(std::move(*stream));
            m_speeds.link = m_stream->bytesPerSecond();
            if (!m_streamsFrom) {
                kernels::Cpu cpu(kernels::ThreadPool::Options{.threads = m_speeds.threads});
                const double memory = kernels::measureReadBandwidth(cpu, kMeasuredBytes, 3);
                m_speeds.memory = memory > 0 ? memory : m_speeds.memory;
            }
            return;
        }
        why = stream.error().text();
    } catch (const std::system_error&) { // as said
    }
    m_remark = "Long prompts are read on the processor: there is no memory to bring experts to the "
               "GPU ("
        + why + ").";
}

void HostExperts::makeCache(const PlacementPlan& plan, const CudaBackendOptions& options,
    std::vector<DeviceLayer>& layers, cudaStream_t stream)
{
    if (plan.gpu->expertCacheBytes == 0)
        return;
    std::vector<ExpertCache::Layer> cached;
    for (std::size_t i = 0; i < m_sources.size(); ++i)
        if (m_sources[i].layout)
            cached.push_back({i, *m_sources[i].layout});
    std::string why = "no threads";
    bool isFull = false; // in spite of the plan
    try {
        for (std::size_t bytes = plan.gpu->expertCacheBytes;; bytes /= 2) {
            auto cache = ExpertCache::create(
                cached, {bytes, kCacheStagingBytes, options.waitsForExperts}, stream);
            if (!cache && cache.error().outOfMemory()) {
                isFull = true;
                why = cache.error().text();
                continue;
            }
            if (!cache)
                why = cache.error().text();
            else if (*cache)
                m_cache.emplace(std::move(**cache));
            else if (!isFull)
                return; // too small for any
            break;
        }
    } catch (const std::system_error&) { // as said
    }
    for (std::size_t i = 0; i < m_sources.size() && m_cache; ++i) {
        if (!m_cache->has(i))
            continue;
        kernels::cuda::DeviceExperts& experts = layers[i].routed.emplace(*layers[i].moved);
        const std::size_t all = m_sources[i].layout->experts();
        experts.gate.places = m_cache->places(i);
        experts.up.places = m_cache->places(i) + all;
        experts.down.places = m_cache->places(i) + 2 * all;
    }
    if (m_cache && !isFull)
        return;
    m_remark += m_remark.empty() ? "" : " ";
    m_remark += m_cache ? "The GPU has room for fewer of the experts in use than planned ("
                        : "The GPU has no room for the experts in use (";
    m_remark += why + ").";
}

ExpertStream::Source HostExperts::sourceOf(std::size_t layer) const
{
    return {layer, &*m_sources[layer].layout, m_sources[layer].shape};
}

bool HostExperts::streams(std::size_t layer, std::size_t tokens) const
{
    if (!m_stream || layer >= m_sources.size() || !m_sources[layer].layout
        || m_stream->experts(*m_sources[layer].layout) == 0)
        return false;
    if (m_streamsFrom)
        return tokens >= *m_streamsFrom;
    ExpertWork work = m_sources[layer].work;
    work.tokens = tokens;
    return streamingPays(work, m_speeds);
}

void HostExperts::begin(std::size_t tokens, std::size_t position, DeviceQueue& queue)
{
    m_end = position + tokens;
    if (m_cache)
        m_cache->pass(tokens);
    advance(queue);
}

void HostExperts::advance(DeviceQueue& queue)
{
    if (m_cache)
        m_cache->advance(queue);
}

void HostExperts::truncate(std::size_t position)
{
    if (m_cache && position < m_end)
        m_cache->pass(m_end - position);
    m_end = std::min(m_end, position);
}

void HostExperts::takeAway(std::size_t layer, std::size_t tokens, std::span<std::int32_t> experts)
{
    if (layer >= m_sources.size() || !m_sources[layer].layout)
        return;
    if (m_cache)
        m_cache->takeAway(layer, experts);
    if (tokens == 1) {
        m_choices += experts.size();
        m_hits += static_cast<std::uint64_t>(
            std::ranges::count_if(experts, [](std::int32_t id) { return id < 0; }));
    }
}

void HostExperts::sendAhead(std::size_t layer, DeviceQueue& queue)
{
    const auto there = std::span(m_flags).first(m_sources[layer].layout->experts());
    std::ranges::fill(there, std::uint8_t{0});
    if (m_cache)
        m_cache->mark(layer, there);
    m_stream->sendAhead(sourceOf(layer), there, queue);
}

void HostExperts::stream(std::size_t layer, std::span<const std::int32_t> experts,
    const FeedForwardArgs& args, DeviceQueue& queue)
{
    const auto wanted = std::span(m_flags).first(m_sources[layer].layout->experts());
    std::ranges::fill(wanted, std::uint8_t{0});
    for (const std::int32_t id : experts)
        if (id >= 0 && static_cast<std::size_t>(id) < wanted.size())
            wanted[static_cast<std::size_t>(id)] = 1;
    m_stream->run(sourceOf(layer), wanted, args, queue);
}

void HostExperts::readAhead(std::size_t layer, std::size_t tokens, DeviceQueue& queue)
{
    for (std::size_t next = layer + 1; next < m_sources.size(); ++next) {
        if (!streams(next, tokens))
            continue;
        const ExpertWork& work = m_sources[next].work;
        const auto all = static_cast<double>(work.experts);
        if (expectedExperts(tokens, work.experts, work.used) >= kLikely * all)
            m_stream->readAhead(sourceOf(next), queue);
        return;
    }
}

BackendReport HostExperts::report() const
{
    BackendReport report;
    report.remark = m_remark;
    report.choices = m_choices;
    report.residentChoices = m_hits;
    if (m_stream) {
        report.linkBandwidth = m_stream->bytesPerSecond();
        report.streamedBytes = m_stream->bytesCopied();
    }
    if (m_cache) {
        report.expertCacheBytes = m_cache->bytes();
        report.expertSlots = m_cache->slots();
        report.residentExperts = m_cache->residents();
        report.expertsBrought = m_cache->brought();
    }
    return report;
}

} // namespace ponder
