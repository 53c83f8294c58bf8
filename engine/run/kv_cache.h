#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/model/network.h"
#include "engine/result.h"

namespace ponder {

/// The latents of all tokens: for each layer [contextLength, kvLoraRank + ropeHeadDim], f32, in one
/// piece. Only addresses are taken up front; memory comes with the first write to a page, so the
/// cache grows with use. One thread writes at a time.
class KvCache {
public:
    /// Fails with OutOfMemory where the addresses cannot be had.
    [[nodiscard]] static Result<KvCache> create(const Network& network, std::size_t contextLength);

    KvCache(KvCache&& other) noexcept;
    KvCache& operator=(KvCache&& other) noexcept;
    ~KvCache();

    [[nodiscard]] std::size_t rowLength(std::size_t layer) const
    {
        return m_layers[layer].rowLength;
    }
    [[nodiscard]] float* row(std::size_t layer, std::size_t position) const
    {
        return m_layers[layer].rows + position * m_layers[layer].rowLength;
    }

    /// Gives the memory of rows from this position on back to the system (whole pages).
    void truncate(std::size_t position);

private:
    struct LayerRows {
        float* rows = nullptr;
        std::size_t rowLength = 0; // floats
        std::size_t bytes = 0; // of address space
    };
    KvCache() = default;

    std::vector<LayerRows> m_layers;
};

} // namespace ponder
