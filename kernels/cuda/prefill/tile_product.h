#pragma once

#include <cstdint>

#include "kernels/cuda/matmul/stream_matrix.h"
#include "kernels/cuda/matmul/vectors.h"
#include "kernels/cuda/moe/feed_forward.h"

// Products of many tokens: blocks of kTileTokens x kTileRows results on tensor cores.

namespace ponder::kernels::cuda {

inline constexpr unsigned kTileTokens = 64;
inline constexpr unsigned kTileRows = 128;
inline constexpr unsigned kTileThreads = 256;

/// Up to kTileTokens tokens of one expert.
struct TokenTile {
    std::uint32_t expert;
    std::uint32_t first; ///< slot
    std::uint32_t count;
};

/// Tokens grouped by expert, made on the device by groupByExpert().
struct TokenGroups {
    const TokenTile* tiles = nullptr; ///< [mostTiles]
    const std::uint32_t* tileCount = nullptr; ///< [1]
    const std::uint32_t* pairs = nullptr; ///< [slots]: which t * used + k has a slot
    unsigned mostTiles = 0;
    unsigned used = 0;
};

/// The arguments of a product of many tokens.
struct TileProduct {
    StreamMatrix matrix[2]; ///< one a head or expert; the activation combines the results of both
    unsigned matrices = 1;
    const std::uint8_t* vectors = nullptr; ///< of forms
    VectorForms forms;
    unsigned tokens = 0, heads = 1;
    /// Grouped by expert: tile i's tokens are those of groups.tiles[i]. Otherwise tokens follow each
    /// other and vector t * heads + h is head h's.
    TokenGroups groups;
    bool vectorsAreSlots = false; ///< grouped: a slot's vector is its own, not its token's
    unsigned firstRow = 0; ///< of the matrices: a product of some of their rows

    // Element (t or slot, row) of head h goes to y[t * yTokenStride + h * yHeadStride + row - firstRow].
    float* y = nullptr;
    unsigned rows = 0; ///< of the product
    std::size_t yTokenStride = 0, yHeadStride = 0; ///< floats
    const float* bias[2] = {}; ///< [experts, matrix rows] or nullptr
    bool accumulate = false;
    Activation activation; ///< with two matrices
};

/// Both forms' kernels; the one that the matrices' types need. Types of both kinds: not possible.
Status tileProduct(const Work& work, const TileProduct& p);

Status launchQuantisedTiles(const Work& work, const TileProduct& p, dim3 grid);
Status launchPlainTiles(const Work& work, const TileProduct& p, dim3 grid);

} // namespace ponder::kernels::cuda
