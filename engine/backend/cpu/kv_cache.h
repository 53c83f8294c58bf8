#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/backend/cache_bytes.h"
#include "engine/base/result.h"
#include "engine/model/network.h"
#include "kernels/types/views.h"

namespace ponder {

/// The keys and values (or latents) of all tokens: what cacheRows() says of each layer. A head's rows
/// lie together, [contextLength, keyDim], so that reading them is reading on. Only addresses are
/// taken up front; memory comes with the first write to a page, so the cache grows with use. One
/// thread writes at a time.
class KvCache {
public:
    /// Layers before firstLayer have no rows. Fails with OutOfMemory where the addresses cannot be had.
    [[nodiscard]] static Result<KvCache> create(
        const Network& network, std::size_t contextLength, std::size_t firstLayer = 0);

    KvCache(KvCache&& other) noexcept;
    KvCache& operator=(KvCache&& other) noexcept;
    ~KvCache();

    /// [contextLength, heads, keyDim], f32
    [[nodiscard]] const kernels::HeadRows& keys(std::size_t layer) const
    {
        return m_layers[layer].keys;
    }
    /// [contextLength, heads, valueDim], f32; no columns where the values lie in the keys' rows
    [[nodiscard]] const kernels::HeadRows& values(std::size_t layer) const
    {
        return m_layers[layer].values;
    }

    /// Gives the memory of rows from this position on back to the system (whole pages).
    void truncate(std::size_t position);

    /// Keys, then values of each layer that has a cache; tables without columns are left out.
    [[nodiscard]] std::vector<CacheTable> tables() const;
    /// Copies rows of all tables() to and from memory of just their size, in the order of CacheBytes.
    /// Precondition: the range is inside the context.
    void copyTo(TokenRange positions, std::span<std::byte> out) const;
    void copyFrom(TokenRange positions, std::span<const std::byte> bytes);

private:
    struct LayerRows {
        kernels::HeadRows keys, values;
        std::size_t bytes = 0; // of address space
    };
    KvCache() = default;
    /// copy(rows in the cache, their bytes), head by head.
    template <typename Copy> void forEachHead(TokenRange positions, const Copy& copy) const;

    std::vector<LayerRows> m_layers;
};

} // namespace ponder
