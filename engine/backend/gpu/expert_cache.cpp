#include "engine/backend/gpu/expert_cache.h"

#include <algorithm>
#include <map>
#include <utility>

#include "kernels/cuda/moe/expert_places.h"

namespace ponder {

using kernels::MatrixPlace;
using kernels::cuda::copyBytes;
using kernels::cuda::DeviceBytes;
using kernels::cuda::Event;
using kernels::cuda::Outcome;
using kernels::cuda::PinnedBytes;
using kernels::cuda::Status;
using kernels::cuda::Stream;

namespace {

constexpr std::size_t kNotCached = ~std::size_t{0};
constexpr std::size_t kMaxComing = 8; ///< experts under way at once

std::vector<ExpertResidency::LayerShape> shapesOf(
    const std::vector<ExpertCache::Layer>& layers, std::span<const std::size_t> poolSizes)
{
    std::vector<ExpertResidency::LayerShape> shapes;
    for (const ExpertCache::Layer& layer : layers) {
        const auto pool = std::ranges::find(poolSizes, layer.layout.bytes());
        shapes.push_back(
            {layer.layout.experts(), static_cast<std::size_t>(pool - poolSizes.begin())});
    }
    return shapes;
}

} // namespace

/// Tables for all layers; what is left goes to experts of each size by what they take in all.
ExpertCache::Division ExpertCache::divide(const std::vector<Layer>& layers, std::size_t bytes)
{
    Division d;
    std::map<std::size_t, std::size_t> experts; // of each size
    for (const Layer& layer : layers) {
        d.tables.push_back(d.bytes);
        d.bytes += layer.layout.tableBytes();
        experts[layer.layout.bytes()] += layer.layout.experts();
    }
    const std::size_t room = bytes - std::min(bytes, d.bytes);
    double all = 0;
    for (const auto& [size, count] : experts)
        all += static_cast<double>(size) * static_cast<double>(count);
    for (const auto& [size, count] : experts) {
        const double share = static_cast<double>(size) * static_cast<double>(count) / all;
        const auto slots = static_cast<std::size_t>(
            static_cast<double>(room) * share / static_cast<double>(size));
        d.pools.push_back({size, std::min(slots, count), 0});
    }
    const auto taken = [&] {
        std::size_t sum = 0;
        for (const Pool& pool : d.pools)
            sum += pool.slots * pool.expertBytes;
        return sum;
    };
    for (Pool& pool : d.pools) // what rounding left
        pool.slots += std::min((room - std::min(room, taken())) / pool.expertBytes,
            experts[pool.expertBytes] - pool.slots);
    for (Pool& pool : d.pools) {
        pool.first = d.bytes;
        d.bytes += pool.slots * pool.expertBytes;
    }
    return d;
}

ExpertCache::ExpertCache(
    const std::vector<Layer>& layers, Division division, Stream stream, Event switched, bool waits)
    : m_layers(layers)
    , m_division(std::move(division))
    , m_waits(waits)
    , m_residency([this] {
        std::vector<std::size_t> sizes;
        std::vector<std::size_t> slots;
        for (const Pool& pool : m_division.pools) {
            sizes.push_back(pool.expertBytes);
            slots.push_back(pool.slots);
        }
        return ExpertResidency(shapesOf(m_layers, sizes), slots);
    }())
    , m_stream(std::move(stream))
    , m_switched(std::move(switched))
    , m_worker(1)
{
    for (const Pool& pool : m_division.pools)
        m_slotCount += pool.slots;
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        m_index.resize(std::max(m_index.size(), m_layers[i].layer + 1), kNotCached);
        m_index[m_layers[i].layer] = i;
    }
}

ExpertCache::~ExpertCache()
{
    if (!m_staging.empty())
        (void)m_stream.wait();
}

Outcome<std::optional<ExpertCache>> ExpertCache::create(
    const std::vector<Layer>& layers, const Options& options, cudaStream_t stream)
{
    Division division = divide(layers, options.bytes);
    std::size_t largest = 0;
    for (const Pool& pool : division.pools)
        largest = std::max(largest, pool.slots > 0 ? pool.expertBytes : 0);
    if (largest == 0)
        return std::optional<ExpertCache>{};
    const std::size_t count
        = std::clamp<std::size_t>(options.stagingBytes / largest, 1, kMaxComing);

    auto copies = Stream::create();
    if (!copies)
        return tl::unexpected(copies.error());
    auto switched = Event::create();
    if (!switched)
        return tl::unexpected(switched.error());
    std::optional<ExpertCache> cache(ExpertCache(
        layers, std::move(division), std::move(*copies), std::move(*switched), options.waits));
    auto memory = DeviceBytes::create(cache->m_division.bytes);
    if (!memory)
        return tl::unexpected(memory.error());
    cache->m_memory = std::move(*memory);
    auto pinned = PinnedBytes::create(count * largest);
    if (!pinned)
        return tl::unexpected(pinned.error());
    cache->m_pinned = std::move(*pinned);
    for (std::size_t i = 0; i < count; ++i) {
        auto sent = Event::create();
        if (!sent)
            return tl::unexpected(sent.error());
        Staging& staging = cache->m_staging.emplace_back();
        staging.memory = cache->m_pinned.data() + i * largest;
        staging.sent.emplace(std::move(*sent));
    }
    const std::size_t tables = cache->m_division.pools.front().first;
    const Status cleared = kernels::cuda::clearBytes(cache->m_memory.data(), tables, stream);
    if (!cleared.ok())
        return tl::unexpected(cleared);
    return cache;
}

const MatrixPlace* ExpertCache::places(std::size_t layer) const
{
    if (layer >= m_index.size() || m_index[layer] == kNotCached)
        return nullptr;
    return reinterpret_cast<const MatrixPlace*>(
        m_memory.data() + m_division.tables[m_index[layer]]);
}

std::byte* ExpertCache::slotAt(const ExpertResidency::Move& move) const
{
    const Pool& pool = m_division.pools[move.pool];
    return m_memory.data() + pool.first + move.slot * pool.expertBytes;
}

void ExpertCache::setPlaces(const ExpertResidency::Expert& expert,
    const std::array<MatrixPlace, 3>& places, DeviceQueue& queue)
{
    const std::size_t all = m_layers[expert.layer].layout.experts();
    auto* const table
        = reinterpret_cast<MatrixPlace*>(m_memory.data() + m_division.tables[expert.layer]);
    queue.run([&] {
        return kernels::cuda::setExpertPlaces(table, all, expert.expert, places, queue.stream());
    });
}

/// The worker is done: the slot is emptied and filled again.
void ExpertCache::send(Staging& staging, DeviceQueue& queue)
{
    Coming& coming = *staging.coming;
    if (coming.move.leaves) {
        setPlaces(*coming.move.leaves, {}, queue);
        m_residency.leaves(coming.move);
    }
    queue.run([&] { return m_switched.record(queue.stream()); });
    queue.run([&] { return m_switched.holdBack(m_stream.get()); });
    queue.run([&] {
        return copyBytes(slotAt(coming.move), staging.memory,
            m_division.pools[coming.move.pool].expertBytes, cudaMemcpyHostToDevice, m_stream.get());
    });
    queue.run([&] { return staging.sent->record(m_stream.get()); });
    coming.isSent = true;
}

/// The copy has been made.
void ExpertCache::enter(Staging& staging, DeviceQueue& queue)
{
    const ExpertResidency::Move& move = staging.coming->move;
    setPlaces(move.comes, m_layers[move.comes.layer].layout.placesAt(slotAt(move)), queue);
    m_residency.arrived(move);
    ++m_brought;
    staging.coming.reset();
}

void ExpertCache::advance(DeviceQueue& queue)
{
    for (Staging& staging : m_staging) {
        if (staging.coming && staging.coming->isSent) {
            bool isThere = false;
            queue.run([&] { return staging.sent->isReached(isThere); });
            if (m_waits)
                queue.run([&] {
                    isThere = true;
                    return staging.sent->wait();
                });
            if (isThere && queue.isWell())
                enter(staging, queue);
        } else if (staging.coming) {
            if (m_waits)
                m_worker.wait(staging.coming->job);
            if (m_worker.isDone(staging.coming->job))
                send(staging, queue);
        }
        if (staging.coming || !queue.isWell())
            continue;
        const auto move = m_residency.next();
        if (!move)
            continue;
        std::vector<StagedPiece> pieces;
        for (const auto& piece : m_layers[move->comes.layer].layout.pieces(move->comes.expert))
            if (piece.bytes > 0)
                pieces.push_back({piece.from, staging.memory + piece.to, piece.bytes});
        staging.coming = Coming{*move, m_worker.add(pieces), false};
    }
}

void ExpertCache::takeAway(std::size_t layer, std::span<std::int32_t> experts)
{
    const std::size_t index = m_index[layer];
    m_residency.use(index, experts);
    for (std::int32_t& id : experts)
        if (id >= 0 && m_residency.isResident(index, static_cast<std::size_t>(id)))
            id = -1;
}

void ExpertCache::mark(std::size_t layer, std::span<std::uint8_t> there) const
{
    for (std::size_t e = 0; e < there.size(); ++e)
        there[e] = m_residency.isResident(m_index[layer], e) ? 1 : 0;
}

} // namespace ponder
