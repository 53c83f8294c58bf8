#include "engine/backend/gpu/expert_stream.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace ponder {

using kernels::MatrixPlace;
using kernels::cuda::copyBytes;
using kernels::cuda::DeviceBytes;
using kernels::cuda::DeviceExperts;
using kernels::cuda::Event;
using kernels::cuda::FeedForwardArgs;
using kernels::cuda::Outcome;
using kernels::cuda::PinnedBytes;
using kernels::cuda::Status;
using kernels::cuda::Stream;

namespace {

constexpr std::size_t kSlots = 2;

template <typename T> Status keep(T& to, Outcome<T> made)
{
    if (!made)
        return made.error();
    to = std::move(*made);
    return {};
}

Status keep(std::optional<Event>& to, Outcome<Event> made)
{
    if (!made)
        return made.error();
    to.emplace(std::move(*made));
    return {};
}

} // namespace

ExpertStream::ExpertStream(std::vector<Slot> slots, Stream stream, std::size_t threads)
    : m_slots(std::move(slots))
    , m_stream(std::move(stream))
    , m_worker(threads)
{
}

ExpertStream::~ExpertStream()
{
    if (!m_slots.empty())
        (void)m_stream.wait();
}

Outcome<ExpertStream> ExpertStream::create(std::size_t slotBytes, std::size_t threads)
{
    std::vector<Slot> slots(kSlots);
    const auto take = [&]() -> Status {
        for (Slot& slot : slots) {
            PONDER_CUDA_TRY(keep(slot.pinned, PinnedBytes::create(slotBytes)));
            PONDER_CUDA_TRY(keep(slot.device, DeviceBytes::create(slotBytes)));
            PONDER_CUDA_TRY(keep(slot.copied, Event::create()));
            PONDER_CUDA_TRY(keep(slot.computed, Event::create()));
        }
        return {};
    };
    if (const Status status = take(); !status.ok())
        return tl::unexpected(status);
    auto stream = Stream::create();
    if (!stream)
        return tl::unexpected(stream.error());
    ExpertStream made(std::move(slots), std::move(*stream), threads);
    if (const Status status = made.measure(); !status.ok())
        return tl::unexpected(status);
    return made;
}

Status ExpertStream::measure()
{
    std::optional<Event> begin;
    std::optional<Event> end;
    PONDER_CUDA_TRY(keep(begin, Event::create(Event::Timing::On)));
    PONDER_CUDA_TRY(keep(end, Event::create(Event::Timing::On)));
    const Slot& slot = m_slots.front();
    std::memset(slot.pinned.data(), 0, slot.pinned.size());
    for (int i = 0; i < 2; ++i) { // the first is not counted
        PONDER_CUDA_TRY(begin->record(m_stream.get()));
        PONDER_CUDA_TRY(copyBytes(slot.device.data(), slot.pinned.data(), slot.pinned.size(),
            cudaMemcpyHostToDevice, m_stream.get()));
        PONDER_CUDA_TRY(end->record(m_stream.get()));
        PONDER_CUDA_TRY(m_stream.wait());
    }
    const auto milliseconds = end->millisecondsSince(*begin);
    if (!milliseconds)
        return milliseconds.error();
    m_bytesPerSecond = static_cast<double>(slot.pinned.size())
        / (std::max(static_cast<double>(*milliseconds), 1e-3) * 1e-3);
    return {};
}

std::size_t ExpertStream::experts(const ExpertLayout& layout) const
{
    const std::size_t table = layout.tableBytes();
    const std::size_t bytes = m_slots.front().device.size();
    return bytes < table ? 0 : (bytes - table) / layout.bytes();
}

/// Gives the worker the next chunk, from expert `first` on. The next slot's pinned half is free.
void ExpertStream::request(
    const Source& source, std::span<const std::uint8_t> wanted, std::size_t first)
{
    const ExpertLayout& layout = *source.layout;
    const Slot& slot = m_slots[m_nextSlot];
    auto* const table = reinterpret_cast<MatrixPlace*>(slot.pinned.data());
    const std::size_t all = layout.experts();
    std::fill_n(table, 3 * all, MatrixPlace{});
    std::size_t at = layout.tableBytes();
    std::size_t left = experts(layout);
    std::vector<StagedPiece> pieces;
    std::size_t expert = first;
    for (; expert < all && left > 0; ++expert) {
        if (wanted[expert] == 0)
            continue;
        for (const ExpertLayout::Piece& piece : layout.pieces(expert))
            if (piece.bytes > 0)
                pieces.push_back({piece.from, slot.pinned.data() + at + piece.to, piece.bytes});
        const auto places = layout.placesAt(slot.device.data() + at);
        for (std::size_t m = 0; m < places.size(); ++m)
            table[m * all + expert] = places[m];
        at += layout.bytes();
        --left;
    }
    m_chunks.push_back({source.layer, m_nextSlot, expert, at, m_worker.add(pieces), false});
    m_nextSlot = (m_nextSlot + 1) % kSlots;
}

/// Keeps every free slot busy: waits until its last copy has been made.
void ExpertStream::requestMore(const Source& source, std::span<const std::uint8_t> wanted,
    std::size_t& next, DeviceQueue& queue)
{
    while (m_chunks.size() < kSlots) {
        while (next < wanted.size() && wanted[next] == 0)
            ++next;
        if (next == wanted.size())
            return;
        Slot& slot = m_slots[m_nextSlot];
        if (slot.isUsed)
            queue.run([&] { return slot.copied->wait(); });
        if (!queue.isWell())
            return;
        request(source, wanted, next);
        next = m_chunks.back().end;
    }
}

void ExpertStream::send(Chunk& chunk, DeviceQueue& queue)
{
    if (chunk.isSent)
        return;
    Slot& slot = m_slots[chunk.slot];
    m_worker.wait(chunk.job);
    queue.run([&] { return slot.computed->holdBack(m_stream.get()); });
    queue.run([&] {
        return copyBytes(slot.device.data(), slot.pinned.data(), chunk.bytes,
            cudaMemcpyHostToDevice, m_stream.get());
    });
    queue.run([&] { return slot.copied->record(m_stream.get()); });
    slot.isUsed = true;
    chunk.isSent = true;
    m_bytesCopied += chunk.bytes;
}

void ExpertStream::compute(
    const Chunk& chunk, const Source& source, FeedForwardArgs args, DeviceQueue& queue)
{
    const Slot& slot = m_slots[chunk.slot];
    const auto* table = reinterpret_cast<const MatrixPlace*>(slot.device.data());
    const std::size_t all = source.layout->experts();
    DeviceExperts experts = *source.shape;
    experts.gate.places = table;
    experts.up.places = table + all;
    experts.down.places = table + 2 * all;
    args.shared = nullptr;
    args.routed = &experts;
    queue.run([&] { return slot.copied->holdBack(queue.stream()); });
    queue.feedForward(args);
    queue.run([&] { return slot.computed->record(queue.stream()); });
}

/// Forgets what was read ahead of another layer; its slots are free once the worker is done with them.
void ExpertStream::dropOthers(std::size_t layer)
{
    while (!m_chunks.empty() && m_chunks.front().layer != layer) {
        m_worker.wait(m_chunks.front().job);
        m_chunks.pop_front();
    }
}

void ExpertStream::readAhead(const Source& source, DeviceQueue& queue)
{
    dropOthers(source.layer);
    const std::vector<std::uint8_t> all(source.layout->experts(), 1);
    std::size_t next = m_chunks.empty() ? 0 : m_chunks.back().end;
    requestMore(source, all, next, queue);
}

void ExpertStream::sendAhead(
    const Source& source, std::span<const std::uint8_t> there, DeviceQueue& queue)
{
    dropOthers(source.layer);
    const std::size_t all = source.layout->experts();
    for (Chunk& chunk : m_chunks) {
        auto* const table = reinterpret_cast<MatrixPlace*>(m_slots[chunk.slot].pinned.data());
        for (std::size_t i = 0; i < 3 * all && !chunk.isSent; ++i)
            if (there[i % all] != 0)
                table[i] = {};
        send(chunk, queue);
    }
}

void ExpertStream::run(const Source& source, std::span<const std::uint8_t> wanted,
    const FeedForwardArgs& args, DeviceQueue& queue)
{
    assert(wanted.size() == source.layout->experts() && args.out.data != args.x.data);
    dropOthers(source.layer);
    std::size_t next = m_chunks.empty() ? 0 : m_chunks.back().end;
    requestMore(source, wanted, next, queue);
    while (!m_chunks.empty() && queue.isWell()) {
        send(m_chunks.front(), queue);
        compute(m_chunks.front(), source, args, queue);
        m_chunks.pop_front();
        // The next may be filled already: then it is on its way while this one's slot is waited for.
        if (!m_chunks.empty() && m_worker.isDone(m_chunks.front().job))
            send(m_chunks.front(), queue);
        requestMore(source, wanted, next, queue);
    }
}

} // namespace ponder
