#include "engine/backend/cpu/kv_cache.h"

#include <cstring>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

namespace ponder {
namespace {

std::size_t roundUp(std::size_t value, std::size_t unit)
{
    return (value + unit - 1) / unit * unit;
}

std::size_t pageBytes()
{
    const long size = ::sysconf(_SC_PAGESIZE);
    return size > 0 ? static_cast<std::size_t>(size) : 4096;
}

/// A table whose heads each begin on a page; data stays null.
kernels::HeadRows table(std::size_t contextLength, std::size_t heads, std::size_t cols)
{
    const std::size_t headBytes = roundUp(contextLength * cols * sizeof(float), pageBytes());
    return {nullptr, contextLength, heads, cols, cols, headBytes / sizeof(float)};
}

std::size_t tableBytes(const kernels::HeadRows& rows)
{
    return rows.heads * rows.headStride * sizeof(float);
}

/// Frees each head's rows after the first `position`.
void forget(const kernels::HeadRows& rows, std::size_t position)
{
    const std::size_t headBytes = rows.headStride * sizeof(float);
    const std::size_t used = roundUp(position * rows.cols * sizeof(float), pageBytes());
    for (std::size_t h = 0; h < rows.heads && used < headBytes; ++h)
        ::madvise(
            reinterpret_cast<std::byte*>(rows.at(0, h)) + used, headBytes - used, MADV_DONTNEED);
}

} // namespace

Result<KvCache> KvCache::create(
    const Network& network, std::size_t contextLength, std::size_t firstLayer)
{
    KvCache cache;
    cache.m_layers.reserve(network.layers.size());
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        if (i < firstLayer) {
            cache.m_layers.emplace_back();
            continue;
        }
        const CacheRows shape = cacheRows(network.layers[i].attention);
        LayerRows rows;
        rows.keys = table(contextLength, shape.heads, shape.keyDim);
        rows.values = table(contextLength, shape.heads, shape.valueDim);
        rows.bytes = tableBytes(rows.keys) + tableBytes(rows.values);
        void* start = ::mmap(nullptr, rows.bytes, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (start == MAP_FAILED)
            return fail(ErrorCode::OutOfMemory,
                "There is no memory for the conversation's cache. Choose a shorter context, or "
                "close other programs.");
        rows.keys.data = static_cast<float*>(start);
        rows.values.data = rows.keys.data + tableBytes(rows.keys) / sizeof(float);
        cache.m_layers.push_back(rows);
    }
    return cache;
}

KvCache::KvCache(KvCache&& other) noexcept
    : m_layers(std::exchange(other.m_layers, {}))
{
}

KvCache& KvCache::operator=(KvCache&& other) noexcept
{
    std::swap(m_layers, other.m_layers);
    return *this;
}

KvCache::~KvCache()
{
    for (const LayerRows& layer : m_layers) {
        if (layer.bytes > 0)
            ::munmap(layer.keys.data, layer.bytes);
    }
}

void KvCache::truncate(std::size_t position)
{
    for (const LayerRows& layer : m_layers) {
        forget(layer.keys, position);
        forget(layer.values, position);
    }
}

std::vector<CacheTable> KvCache::tables() const
{
    std::vector<CacheTable> tables;
    for (const LayerRows& layer : m_layers) {
        for (const kernels::HeadRows& rows : {layer.keys, layer.values}) {
            if (rows.cols > 0)
                tables.push_back({.heads = static_cast<std::uint32_t>(rows.heads),
                    .cols = static_cast<std::uint32_t>(rows.cols),
                    .rowBytes = static_cast<std::uint32_t>(rows.cols * sizeof(float))});
        }
    }
    return tables;
}

template <typename Copy> void KvCache::forEachHead(TokenRange positions, const Copy& copy) const
{
    for (const LayerRows& layer : m_layers) {
        for (const kernels::HeadRows& rows : {layer.keys, layer.values}) {
            for (std::size_t h = 0; h < rows.heads && rows.cols > 0; ++h)
                copy(rows.at(positions.first, h), positions.count * rows.cols * sizeof(float));
        }
    }
}

void KvCache::copyTo(TokenRange positions, std::span<std::byte> out) const
{
    forEachHead(positions, [&out](const float* rows, std::size_t bytes) {
        std::memcpy(out.data(), rows, bytes);
        out = out.subspan(bytes);
    });
}

void KvCache::copyFrom(TokenRange positions, std::span<const std::byte> bytes)
{
    forEachHead(positions, [&bytes](float* rows, std::size_t count) {
        std::memcpy(rows, bytes.data(), count);
        bytes = bytes.subspan(count);
    });
}

} // namespace ponder
