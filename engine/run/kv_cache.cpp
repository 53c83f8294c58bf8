#include "engine/run/kv_cache.h"

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

} // namespace

Result<KvCache> KvCache::create(const Network& network, std::size_t contextLength)
{
    KvCache cache;
    cache.m_layers.reserve(network.layers.size());
    for (const Layer& layer : network.layers) {
        LayerRows rows;
        rows.rowLength = std::size_t{layer.attention.kvLoraRank} + layer.attention.ropeHeadDim;
        rows.bytes = roundUp(contextLength * rows.rowLength * sizeof(float), pageBytes());
        void* start = ::mmap(nullptr, rows.bytes, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (start == MAP_FAILED)
            return fail(ErrorCode::OutOfMemory,
                "There is no memory for the conversation's cache. Choose a shorter context, or "
                "close other programs.");
        rows.rows = static_cast<float*>(start);
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
    for (const LayerRows& layer : m_layers)
        ::munmap(layer.rows, layer.bytes);
}

void KvCache::truncate(std::size_t position)
{
    for (const LayerRows& layer : m_layers) {
        const std::size_t used = roundUp(position * layer.rowLength * sizeof(float), pageBytes());
        if (used < layer.bytes)
            ::madvise(
                reinterpret_cast<std::byte*>(layer.rows) + used, layer.bytes - used, MADV_DONTNEED);
    }
}

} // namespace ponder
