#include "engine/backend/gpu/device_weights.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <optional>
#include <vector>

#include "engine/backend/weight_views.h"
#include "kernels/cpu/parallel/thread_pool.h"
#include "kernels/cuda/runtime/stream.h"

namespace ponder {

using kernels::MatrixPlace;
using kernels::WeightStack;
using kernels::WeightView;
using kernels::cuda::Event;
using kernels::cuda::PinnedBytes;
using kernels::cuda::Status;

namespace {

constexpr std::size_t kStagingBytes = std::size_t{16} << 20U; // of each of two

} // namespace

/// Copies through two pieces of pinned memory: while one is on its way, several threads fill the other from
/// the file.
class DeviceWeights::Uploader {
public:
    static kernels::cuda::Outcome<Uploader> create(cudaStream_t stream)
    {
        Uploader uploader(stream);
        for (Slot& slot : uploader.m_slots) {
            auto memory = PinnedBytes::create(kStagingBytes);
            if (!memory)
                return tl::unexpected(memory.error());
            slot.memory = std::move(*memory);
            auto sent = Event::create();
            if (!sent)
                return tl::unexpected(sent.error());
            slot.sent.emplace(std::move(*sent));
        }
        return uploader;
    }

    Status put(const void* from, std::byte* to, std::size_t bytes)
    {
        const auto* source = static_cast<const std::byte*>(from);
        while (bytes > 0) {
            const std::size_t count = std::min(bytes, kStagingBytes - m_filled);
            fill(m_slots[m_slot].memory.data() + m_filled, source, count);
            // Pieces that follow each other go in one copy.
            if (m_filled == 0 || to != m_to + m_filled) {
                PONDER_CUDA_TRY(sendUpTo(m_filled));
                m_from = m_filled;
                m_to = to - m_filled;
            }
            m_filled += count;
            source += count;
            to += count;
            bytes -= count;
            if (m_filled == kStagingBytes)
                PONDER_CUDA_TRY(next());
        }
        return {};
    }

    Status finish()
    {
        PONDER_CUDA_TRY(sendUpTo(m_filled));
        return {cudaStreamSynchronize(m_stream), "upload"};
    }

private:
    struct Slot {
        PinnedBytes memory;
        std::optional<Event> sent;
        bool used = false;
    };

    explicit Uploader(cudaStream_t stream)
        : m_stream(stream)
        , m_pool(std::make_unique<kernels::ThreadPool>())
    {
    }

    void fill(std::byte* to, const std::byte* from, std::size_t count)
    {
        constexpr std::size_t kPiece = std::size_t{1} << 20U;
        m_pool->parallelFor(count, kPiece, [&](std::size_t begin, std::size_t end, std::size_t) {
            std::memcpy(to + begin, from + begin, end - begin);
        });
    }

    Status sendUpTo(std::size_t end)
    {
        if (m_from == end)
            return {};
        const Status status = kernels::cuda::copyBytes(m_to + m_from,
            m_slots[m_slot].memory.data() + m_from, end - m_from, cudaMemcpyHostToDevice, m_stream);
        m_from = end;
        return status;
    }

    Status next()
    {
        PONDER_CUDA_TRY(sendUpTo(m_filled));
        PONDER_CUDA_TRY(m_slots[m_slot].sent->record(m_stream));
        m_slots[m_slot].used = true;
        m_slot = 1 - m_slot;
        if (m_slots[m_slot].used)
            PONDER_CUDA_TRY(m_slots[m_slot].sent->wait());
        m_to += m_filled; // what comes next may go on from there
        m_filled = m_from = 0;
        return {};
    }

    cudaStream_t m_stream;
    std::unique_ptr<kernels::ThreadPool> m_pool;
    std::array<Slot, 2> m_slots;
    std::size_t m_slot = 0, m_filled = 0;
    std::size_t m_from = 0; // of the slot, not yet sent
    std::byte* m_to = nullptr; // where the slot's first byte would go
};

DeviceWeights::DeviceWeights(std::span<const PlacedWeights> pieces)
{
    const auto take = [this](std::uint64_t bytes) {
        const std::uint64_t offset = m_bytes;
        m_bytes += deviceAligned(bytes);
        return offset;
    };
    for (const PlacedWeights& piece : pieces) {
        for (const WeightMatrix* m : piece.matrices) {
            Place place;
            place.matrix = m;
            place.data = take(m->bytes());
            place.scales = take(scaleCount(*m) * sizeof(float));
            if (!m->places.empty())
                place.places = take(m->count * sizeof(MatrixPlace));
            m_matrices.emplace(m->data, place);
        }
        for (const WeightVector* v : piece.vectors)
            m_vectors.emplace(v, take(v->size() * sizeof(float)));
    }
}

std::byte* DeviceWeights::at(std::uint64_t offset) const
{
    return m_memory.data() + offset;
}

Status DeviceWeights::copy(const Place& place, Uploader& uploader) const
{
    const WeightMatrix& m = *place.matrix;
    const bool together = m.places.empty() && m.stride == m.matrixBytes();
    if (together) {
        PONDER_CUDA_TRY(uploader.put(m.data, at(place.data), m.bytes()));
    } else {
        for (std::uint32_t i = 0; i < m.count; ++i)
            PONDER_CUDA_TRY(
                uploader.put(m.matrix(i), at(place.data) + i * m.matrixBytes(), m.matrixBytes()));
    }
    const std::uint64_t scales = scaleCount(m);
    if (m.places.empty()) {
        if (scales > 0)
            PONDER_CUDA_TRY(uploader.put(m.scales, at(place.scales), scales * sizeof(float)));
        return {};
    }
    std::vector<MatrixPlace> places(m.count);
    for (std::uint32_t i = 0; i < m.count; ++i) {
        places[i].data = at(place.data) + i * m.matrixBytes();
        if (scales == 0)
            continue;
        const std::size_t each = scales / m.count;
        std::byte* to = at(place.scales) + i * each * sizeof(float);
        places[i].scales = reinterpret_cast<const float*>(to);
        PONDER_CUDA_TRY(uploader.put(m.places[i].scales, to, each * sizeof(float)));
    }
    return uploader.put(places.data(), at(place.places), places.size() * sizeof(MatrixPlace));
}

Status DeviceWeights::upload(cudaStream_t stream)
{
    auto memory = kernels::cuda::DeviceBytes::create(m_bytes);
    if (!memory)
        return memory.error();
    m_memory = std::move(*memory);
    auto uploader = Uploader::create(stream);
    if (!uploader)
        return uploader.error();
    std::vector<const Place*> inFileOrder;
    for (const auto& [data, place] : m_matrices)
        inFileOrder.push_back(&place);
    std::ranges::sort(inFileOrder, {}, [](const Place* place) { return place->matrix->data; });
    for (const Place* place : inFileOrder)
        PONDER_CUDA_TRY(copy(*place, *uploader));
    for (const auto& [vector, offset] : m_vectors)
        PONDER_CUDA_TRY(uploader->put(vector->data(), at(offset), vector->size() * sizeof(float)));
    return uploader->finish();
}

WeightStack DeviceWeights::stack(const WeightMatrix& m, std::size_t first, std::size_t count) const
{
    if (!m)
        return {};
    const auto found = m_matrices.find(m.data);
    assert(found != m_matrices.end());
    const Place& place = found->second;
    WeightStack stack = weightStack(m);
    stack.rows = count;
    stack.data = at(place.data) + first * m.rowBytes;
    stack.matrixStride = m.matrixBytes();
    stack.scales.firstRow = first;
    if (stack.scales.data != nullptr)
        stack.scales.data = reinterpret_cast<const float*>(at(place.scales));
    if (stack.places != nullptr) {
        assert(first == 0);
        stack.places = reinterpret_cast<const MatrixPlace*>(at(place.places));
    }
    return stack;
}

WeightStack DeviceWeights::stack(const WeightMatrix& m) const
{
    return stack(m, 0, m.rows);
}

WeightView DeviceWeights::view(const WeightMatrix& m) const
{
    if (!m)
        return {};
    assert(m.count == 1 && m.places.empty());
    const WeightStack s = stack(m);
    return {s.type, s.data, s.rows, s.cols, s.rowStride, s.scales};
}

const float* DeviceWeights::vector(const WeightVector& v) const
{
    if (v.empty())
        return nullptr;
    const auto found = m_vectors.find(&v);
    assert(found != m_vectors.end());
    return reinterpret_cast<const float*>(at(found->second));
}

} // namespace ponder
