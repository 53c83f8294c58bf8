#pragma once

#include <cstddef>

#include "kernels/cuda/attention/cache.h"

// The sizes of attention's tiles, and which of them a GPU has shared memory for.

namespace ponder::kernels::cuda {

/// The most parts, up to `wanted` (a power of two), into which keyDim is divided at multiples of 32.
[[nodiscard]] constexpr unsigned splitOf(unsigned wanted, unsigned keyDim)
{
    while (wanted > 1 && keyDim % (wanted * 32) != 0)
        wanted /= 2;
    return wanted;
}

/// The sizes of an instance.
template <CacheType type, unsigned keyDim, unsigned valueDim, bool together, unsigned rows,
    unsigned tile, unsigned parts, unsigned stages>
struct TileShape {
    static constexpr bool kPacked
        = type == CacheType::Fp8; // tiles are unpacked before they are used
    static constexpr unsigned kKeyDim = keyDim;
    static constexpr unsigned kValueDim = valueDim;
    static constexpr bool kTogether = together; // values are the keys' first columns
    static constexpr unsigned kRows = rows;
    static constexpr unsigned kTile = tile; // positions
    static constexpr unsigned kParts
        = parts; // bfloat16 numbers that a query's number is the sum of
    static constexpr unsigned kStages = stages; // tiles in shared memory, packed where kPacked

    static constexpr unsigned kThreads = 256;
    static constexpr unsigned kWarps = kThreads / 32;
    static constexpr unsigned kRowTiles = kRows / 16;
    static constexpr unsigned kThreadsPerRow = kThreads / kRows; // in the softmax
    static constexpr unsigned kPerThread = kTile / kThreadsPerRow;

    // [16, 8] tiles of scores; where there are fewer than warps, warps share one, each some of kKeyDim, and
    // where that cannot be divided so often, some warps have none.
    static constexpr unsigned kPairs = kRowTiles * kTile / 8;
    static constexpr unsigned kSplit = splitOf(kPairs >= kWarps ? 1 : kWarps / kPairs, kKeyDim);
    static constexpr unsigned kPairsPerWarp = kPairs >= kWarps ? kPairs / kWarps : 1;
    static constexpr unsigned kSplitDim = kKeyDim / kSplit;
    static constexpr unsigned kColTiles = kValueDim / kWarps / 8; // of a warp

    // Rows in shared memory lie 16 bytes further on modulo 128, so that eight of them meet no bank twice.
    static constexpr unsigned kKeyStride = kKeyDim + 8;
    static constexpr unsigned kValueStride = kTogether ? kKeyStride : kValueDim + 8;
    static constexpr unsigned kWeightStride = kTile + 8;
    static constexpr unsigned kScoreStride = kTile + kThreadsPerRow;

    // Of Fp8 rows: latents keep the rotated part of a key in bf16.
    static constexpr unsigned kCoarseKeyDim = kTogether ? kValueDim : kKeyDim;
    static constexpr unsigned kKeyBytes
        = CacheRow::bytes(CacheType::Fp8, kKeyDim, kKeyDim - kCoarseKeyDim);
    static constexpr unsigned kValueBytes = CacheRow::bytes(CacheType::Fp8, kValueDim);
    // Rows are copied in pieces of 16 bytes, which need not begin where rows do.
    static constexpr unsigned kPackedKeys = (kTile * kKeyBytes + 15 + 15) / 16 * 16;
    static constexpr unsigned kPackedValues
        = kTogether ? 0 : (kTile * kValueBytes + 15 + 15) / 16 * 16;
    static constexpr unsigned kPackedSize = kPacked ? kPackedKeys + kPackedValues : 0; // bytes

    // Numbers of each part of shared memory.
    static constexpr unsigned kQuerySize = kParts * kRows * kKeyStride;
    static constexpr unsigned kStageSize
        = kTile * kKeyStride + (kTogether ? 0 : kTile * kValueStride);
    static constexpr unsigned kWeightSize = kParts * kRows * kWeightStride;
    static constexpr unsigned kScoreSize = kSplit * kRows * kScoreStride;
    static constexpr unsigned kSharedBytes
        = 2 * (kQuerySize + (kPacked ? 1 : kStages) * kStageSize + kWeightSize)
        + kStages * kPackedSize + 4 * (kScoreSize + 3 * kRows);

    static_assert(kRows % 16 == 0 && kThreads % kRows == 0 && kTile % kThreadsPerRow == 0);
    static_assert(kSplitDim % 32 == 0 && (kTile % 32 == 0 || (kTile == 16 && kColTiles > 1))
        && kValueDim % (8 * kWarps) == 0);
    static_assert(kSplit > 1 || kRowTiles % kPairsPerWarp == 0 || kPairsPerWarp % kRowTiles == 0);
    static_assert(kPairsPerWarp <= kRowTiles && (kColTiles == 1 || kColTiles % 2 == 0));
    static_assert(kSharedBytes <= 227 * 1024);
};

/// Shapes for the same steps, the largest first.
template <typename... S> struct TileShapes {
    /// Rows of a block of the first with which it needs no more than so many bytes; 0: there is none.
    [[nodiscard]] static constexpr unsigned rowsWithin(std::size_t shared)
    {
        unsigned rows = 0;
        (void)((S::kSharedBytes <= shared && (rows = S::kRows, true)) || ...);
        return rows;
    }
};

// For a few tokens, whose rows of queries are few (16) or some (32), and for many. The first of each needs up
// to 224 KiB (compute capability 9.0), the next up to 160 (8.0), the last up to 96 (8.6, 8.9, 12.0).
template <CacheType type>
using LatentFew = TileShapes<TileShape<type, 576, 512, true, 16, 32, 2, 4>,
    TileShape<type, 576, 512, true, 16, 32, 2, 3>, TileShape<type, 576, 512, true, 16, 16, 2, 2>>;
template <CacheType type>
using LatentSome = TileShapes<TileShape<type, 576, 512, true, 32, 32, 2, 3>,
    TileShape<type, 576, 512, true, 32, 16, 2, 3>, TileShape<type, 576, 512, true, 16, 16, 2, 2>>;
template <CacheType type>
using LatentMany = TileShapes<TileShape<type, 576, 512, true, 64, 32, 1, 3>,
    TileShape<type, 576, 512, true, 64, 16, 1, 3>, TileShape<type, 576, 512, true, 32, 16, 1, 2>>;
template <CacheType type> using Few64 = TileShapes<TileShape<type, 64, 64, false, 16, 32, 2, 4>>;
template <CacheType type> using Many64 = TileShapes<TileShape<type, 64, 64, false, 64, 64, 1, 3>>;
template <CacheType type> using Few128 = TileShapes<TileShape<type, 128, 128, false, 16, 32, 2, 4>>;
template <CacheType type>
using Many128 = TileShapes<TileShape<type, 128, 128, false, 64, 64, 1, 3>,
    TileShape<type, 128, 128, false, 64, 32, 1, 2>>;
using Few192 = TileShapes<TileShape<CacheType::Bf16, 192, 128, false, 16, 32, 2, 3>>;
using Many192 = TileShapes<TileShape<CacheType::Bf16, 192, 128, false, 64, 64, 1, 2>,
    TileShape<CacheType::Bf16, 192, 128, false, 64, 32, 1, 2>>;

} // namespace ponder::kernels::cuda
