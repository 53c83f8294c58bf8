#pragma once

#include "kernels/cuda/moe/activation.cuh"
#include "kernels/cuda/prefill/tile_product.h"

// What the kernels for quantised and for plain weights share: which tokens and rows a block has, how its
// warps lie over them, and where results go.

namespace ponder::kernels::cuda {

inline constexpr unsigned kTilePitch
    = 80; ///< bytes of shared memory between rows of 64: no bank twice

/// A warp has 32 tokens (two tiles of 16) and 32 rows (four of 8). With two matrices, rows 0 to 63 of a
/// block's are the first's and the others the second's, and a warp has 16 rows of each.
inline constexpr unsigned kTokenTiles = 2;
inline constexpr unsigned kRowTiles = 4;

using TileSums = float[kTokenTiles][kRowTiles][4];

struct BlockTile {
    unsigned expert; ///< or head: which matrix
    unsigned first; ///< token or slot
    unsigned count;

    /// False: the block has nothing to do.
    __device__ __forceinline__ bool open(const TileProduct& p)
    {
        if (p.groups.tiles != nullptr) {
            if (blockIdx.x >= *p.groups.tileCount)
                return false;
            const TokenTile& tile = p.groups.tiles[blockIdx.x];
            expert = tile.expert;
            first = tile.first;
            count = tile.count;
            return true;
        }
        expert = blockIdx.z;
        first = blockIdx.x * kTileTokens;
        count = p.tokens - first < kTileTokens ? p.tokens - first : kTileTokens;
        return true;
    }

    /// The vector of token i; past the last: the last's.
    __device__ __forceinline__ std::size_t vectorOf(const TileProduct& p, unsigned i) const
    {
        const unsigned at = first + (i < count ? i : count - 1);
        if (p.groups.tiles == nullptr)
            return std::size_t{at} * p.heads + expert;
        return p.vectorsAreSlots ? at : p.groups.pairs[at] / p.groups.used;
    }
};

/// Rows that a block has of each matrix.
__device__ __forceinline__ unsigned rowsPerMatrix(const TileProduct& p)
{
    return kTileRows / p.matrices;
}

/// A row's place among the block's kTileRows, as a row of one matrix.
struct TileRow {
    unsigned matrix;
    unsigned row; ///< of the product, from firstRow on; may lie past the last
};

__device__ __forceinline__ TileRow tileRow(const TileProduct& p, unsigned i)
{
    const unsigned each = rowsPerMatrix(p);
    const unsigned matrix = i / each;
    return {matrix, blockIdx.y * each + (i - matrix * each)};
}

struct WarpTile {
    unsigned lane, token, row, matrices;

    __device__ __forceinline__ explicit WarpTile(const TileProduct& p)
        : lane(threadIdx.x % kWarpSize)
        , token(threadIdx.x / kWarpSize / 4 * 32)
        , row(threadIdx.x / kWarpSize % 4 * (p.matrices == 1 ? 32 : 16))
        , matrices(p.matrices)
    {
    }

    /// First of the block's rows in row tile j.
    [[nodiscard]] __device__ __forceinline__ unsigned rowOf(unsigned j) const
    {
        return matrices == 1 ? row + 8 * j : row + 8 * (j & 1) + kTileRows / 2 * (j >> 1);
    }

    /// Writes results, or joins those of both matrices first.
    __device__ __forceinline__ void put(
        const TileProduct& p, const BlockTile& tile, const TileSums& sum) const
    {
        PONDER_UNROLL
        for (unsigned m = 0; m < kTokenTiles; ++m) {
            PONDER_UNROLL
            for (unsigned j = 0; j < kRowTiles; ++j) {
                if (matrices == 2 && j >= kRowTiles / 2)
                    continue;
                PONDER_UNROLL
                for (unsigned i = 0; i < 4; ++i) {
                    const unsigned t = token + 16 * m + lane / 4 + 8 * (i / 2);
                    const TileRow to = tileRow(p, rowOf(j) + lane % 4 * 2 + (i & 1));
                    if (t >= tile.count || to.row >= p.rows)
                        continue;
                    float value = sum[m][j][i] + biasOf(p, tile, 0, to.row);
                    if (matrices == 2)
                        value = activate(p.activation, value,
                            sum[m][j + kRowTiles / 2 < kRowTiles ? j + kRowTiles / 2 : j][i]
                                + biasOf(p, tile, 1, to.row));
                    const unsigned head = p.groups.tiles == nullptr ? tile.expert : 0;
                    float* y
                        = p.y + (tile.first + t) * p.yTokenStride + head * p.yHeadStride + to.row;
                    *y = p.accumulate ? *y + value : value;
                }
            }
        }
    }

    __device__ __forceinline__ static float biasOf(
        const TileProduct& p, const BlockTile& tile, unsigned matrix, unsigned row)
    {
        const float* bias = p.bias[matrix];
        return bias == nullptr
            ? 0.0F
            : bias[std::size_t{tile.expert} * p.matrix[matrix].rows + p.firstRow + row];
    }
};

} // namespace ponder::kernels::cuda
