#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

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

private:
    struct LayerRows {
        kernels::HeadRows keys, values;
        std::size_t bytes = 0; // of address space
    };
    KvCache() = default;

    std::vector<LayerRows> m_layers;
};

} // namespace ponder
