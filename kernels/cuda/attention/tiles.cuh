#pragma once

#include "kernels/cuda/attention/tile_copies.cuh"
#include "kernels/cuda/attention/tiles.h"
#include "kernels/cuda/device/mma.h"
#include "kernels/cuda/device/numbers.h"
#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/runtime/launch.h"

// Flash attention (Dao, arXiv 2307.08691) with mma.sync. A block has kRows query rows and walks over its
// share of the positions, kTile at a time, while the next tiles are on their way into shared memory:
// scores (each warp some of the tile's positions), softmax (some threads a row), values (each warp some
// of the columns). With latents, keys and values are the same tile, read once.

namespace ponder::kernels::cuda {
namespace tiles {

/// A number as one bfloat16 or the sum of two.
template <typename S>
__device__ __forceinline__ void storeParts(__nv_bfloat16* to, unsigned partStride, float value)
{
    const __nv_bfloat16 high = __float2bfloat16_rn(value);
    *to = high;
    if constexpr (S::kParts == 2)
        to[partStride] = __float2bfloat16_rn(value - __bfloat162float(high));
}

template <typename S>
__device__ __forceinline__ void loadQueries(const AttentionArguments& a, const Room<S>& room,
    unsigned kvHead, unsigned firstRow, unsigned rows)
{
    constexpr unsigned kFours = S::kKeyDim / 4;
    for (unsigned i = threadIdx.x; i < S::kRows * kFours; i += S::kThreads) {
        const unsigned r = i / kFours;
        const unsigned c = i % kFours * 4;
        float4 q = make_float4(0, 0, 0, 0);
        if (r < rows) {
            const unsigned row = firstRow + r;
            const float* from = a.step.q.data + row / a.cut.group * a.step.q.tokenStride
                + (kvHead * a.cut.group + row % a.cut.group) * a.step.q.headStride;
            q = *reinterpret_cast<const float4*>(from + c);
        }
        __nv_bfloat16* to = room.queries + r * S::kKeyStride + c;
        constexpr unsigned kPart = S::kRows * S::kKeyStride;
        storeParts<S>(to, kPart, q.x);
        storeParts<S>(to + 1, kPart, q.y);
        storeParts<S>(to + 2, kPart, q.z);
        storeParts<S>(to + 3, kPart, q.w);
    }
}

/// scores = queries * keys of the tile, without the scale.
template <typename S> __device__ __forceinline__ void scoreTile(const Room<S>& room, unsigned tile)
{
    const unsigned warp = threadIdx.x / kWarpSize;
    const unsigned lane = threadIdx.x % kWarpSize;
    const unsigned split = warp % S::kSplit;
    const unsigned pair = warp / S::kSplit * S::kPairsPerWarp;
    if (S::kPairs * S::kSplit < S::kWarps && pair >= S::kPairs)
        return;
    const unsigned n = pair / S::kRowTiles;
    const unsigned m = pair % S::kRowTiles;
    const __nv_bfloat16* key = room.keys(tile) + (n * 8 + lane % 8) * S::kKeyStride
        + split * S::kSplitDim + lane / 8 * 8;
    const __nv_bfloat16* query = room.queries + (m * 16 + lane % 16) * S::kKeyStride
        + split * S::kSplitDim + lane / 16 * 8;
    SumTile sums[S::kPairsPerWarp][2 * S::kParts] = {};
    PONDER_UNROLL
    for (unsigned k = 0; k < S::kSplitDim; k += 32) {
        unsigned right[4];
        loadMatrices(right, key + k);
        PONDER_UNROLL
        for (unsigned i = 0; i < S::kPairsPerWarp; ++i) {
            PONDER_UNROLL
            for (unsigned part = 0; part < S::kParts; ++part) {
                PONDER_UNROLL
                for (unsigned half = 0; half < 2; ++half) {
                    LeftTile left;
                    loadMatrices(left.x,
                        query + part * S::kRows * S::kKeyStride + i * 16 * S::kKeyStride + k
                            + half * 16);
                    multiply(sums[i][2 * part + half], left,
                        RightTile{{right[2 * half], right[2 * half + 1]}});
                }
            }
        }
    }
    PONDER_UNROLL
    for (unsigned i = 0; i < S::kPairsPerWarp; ++i) {
        float sum[4];
        PONDER_UNROLL
        for (unsigned j = 0; j < 4; ++j) {
            sum[j] = sums[i][0].x[j] + sums[i][1].x[j];
            if constexpr (S::kParts == 2)
                sum[j] += sums[i][2].x[j] + sums[i][3].x[j];
        }
        float* to = room.scores + (split * S::kRows + (m + i) * 16 + lane / 4) * S::kScoreStride
            + n * 8 + lane % 4 * 2;
        *reinterpret_cast<float2*>(to) = make_float2(sum[0], sum[1]);
        *reinterpret_cast<float2*>(to + 8 * S::kScoreStride) = make_float2(sum[2], sum[3]);
    }
}

/// A row's softmax so far, in the registers of the row's threads.
struct RowState {
    float max;
    float sum;
};

/// weights of the tile, and what the values so far are to be shrunk by. `first`: the tile's first position.
template <typename S>
__device__ __forceinline__ void weighTile(
    const Room<S>& room, Span seen, float scale, unsigned first, RowState& state)
{
    const unsigned row = threadIdx.x / S::kThreadsPerRow;
    const unsigned j = threadIdx.x % S::kThreadsPerRow;
    float scores[S::kPerThread];
    float largest = -kInfinity;
    PONDER_UNROLL
    for (unsigned i = 0; i < S::kPerThread; ++i) {
        const unsigned p = i * S::kThreadsPerRow + j;
        const float* from = room.scores + row * S::kScoreStride + p;
        float score = *from;
        PONDER_UNROLL
        for (unsigned split = 1; split < S::kSplit; ++split)
            score += from[split * S::kRows * S::kScoreStride];
        const bool visible = first + p >= seen.begin && first + p < seen.end;
        scores[i] = visible ? score * scale : -kInfinity;
        largest = scores[i] > largest ? scores[i] : largest;
    }
    largest = warpMax<S::kThreadsPerRow>(largest);
    largest = state.max > largest ? state.max : largest;
    float sum = 0;
    PONDER_UNROLL
    for (unsigned i = 0; i < S::kPerThread; ++i) {
        const unsigned p = i * S::kThreadsPerRow + j;
        // -inf is what is not seen. (Also a score that is -inf: its weight is 0 all the same.)
        const float weight = scores[i] == -kInfinity ? 0.0f : expf(scores[i] - largest);
        sum += weight;
        storeParts<S>(
            room.weights + row * S::kWeightStride + p, S::kRows * S::kWeightStride, weight);
    }
    sum = warpSum<S::kThreadsPerRow>(sum);
    const float shrink = state.sum == 0 ? 0.0f : expf(state.max - largest);
    state.sum = state.sum * shrink + sum;
    state.max = largest;
    if (j == 0)
        room.shrink[row] = shrink;
}

/// Values so far: [16, 8] tiles of this warp's columns.
template <typename S> struct Values {
    SumTile tiles[S::kRowTiles][S::kColTiles] = {};

    __device__ void shrink(const Room<S>& room)
    {
        const unsigned lane = threadIdx.x % kWarpSize;
        PONDER_UNROLL
        for (unsigned m = 0; m < S::kRowTiles; ++m) {
            const float upper = room.shrink[m * 16 + lane / 4];
            const float lower = room.shrink[m * 16 + lane / 4 + 8];
            PONDER_UNROLL
            for (unsigned n = 0; n < S::kColTiles; ++n) {
                tiles[m][n].x[0] *= upper;
                tiles[m][n].x[1] *= upper;
                tiles[m][n].x[2] *= lower;
                tiles[m][n].x[3] *= lower;
            }
        }
    }

    /// += weights * values of the tile.
    __device__ void add(const Room<S>& room, unsigned tile)
    {
        const unsigned warp = threadIdx.x / kWarpSize;
        const unsigned lane = threadIdx.x % kWarpSize;
        const __nv_bfloat16* values = room.values(tile) + warp * S::kColTiles * 8;
        constexpr unsigned kHalves = S::kTile == 16 ? 1 : 2;
        PONDER_UNROLL
        for (unsigned k = 0; k < S::kTile; k += 32) {
            LeftTile left[kHalves][S::kRowTiles][S::kParts];
            PONDER_UNROLL
            for (unsigned half = 0; half < kHalves; ++half) {
                PONDER_UNROLL
                for (unsigned m = 0; m < S::kRowTiles; ++m) {
                    PONDER_UNROLL
                    for (unsigned part = 0; part < S::kParts; ++part)
                        loadMatrices(left[half][m][part].x,
                            room.weights + (part * S::kRows + m * 16 + lane % 16) * S::kWeightStride
                                + k + half * 16 + lane / 16 * 8);
                }
            }
            PONDER_UNROLL
            for (unsigned n = 0; n < S::kColTiles; n += S::kColTiles == 1 ? 1 : 2) {
                if constexpr (S::kColTiles == 1) {
                    unsigned right[4]; // both halves of the one column tile
                    loadMatricesTransposed(right, values + (k + lane) * S::kValueStride);
                    addColumn(0, left[0], right[0], right[1]);
                    addColumn(0, left[1], right[2], right[3]);
                } else {
                    PONDER_UNROLL
                    for (unsigned half = 0; half < kHalves; ++half) {
                        unsigned right[4]; // two column tiles
                        loadMatricesTransposed(right,
                            values + (k + half * 16 + lane % 16) * S::kValueStride + n * 8
                                + lane / 16 * 8);
                        addColumn(n, left[half], right[0], right[1]);
                        addColumn(n + 1, left[half], right[2], right[3]);
                    }
                }
            }
        }
    }

private:
    __device__ __forceinline__ void addColumn(unsigned n,
        const LeftTile (&left)[S::kRowTiles][S::kParts], unsigned first, unsigned second)
    {
        PONDER_UNROLL
        for (unsigned m = 0; m < S::kRowTiles; ++m) {
            PONDER_UNROLL
            for (unsigned part = 0; part < S::kParts; ++part)
                multiply(tiles[m][n], left[m][part], RightTile{{first, second}});
        }
    }
};

/// What the piece before left of a split.
template <typename S>
__device__ __forceinline__ void takeUpValues(const AttentionArguments& a, Values<S>& values,
    unsigned kvHead, unsigned firstRow, unsigned rows)
{
    const unsigned warp = threadIdx.x / kWarpSize;
    const unsigned lane = threadIdx.x % kWarpSize;
    PONDER_UNROLL
    for (unsigned m = 0; m < S::kRowTiles; ++m) {
        PONDER_UNROLL
        for (unsigned half = 0; half < 2; ++half) {
            const unsigned r = m * 16 + half * 8 + lane / 4;
            if (r >= rows)
                continue;
            const Partial part = partial(a, blockIdx.y, kvHead, firstRow + r);
            if (*part.sum == 0)
                continue; // it has no numbers
            const float* from = part.values + warp * S::kColTiles * 8 + lane % 4 * 2;
            PONDER_UNROLL
            for (unsigned n = 0; n < S::kColTiles; ++n) {
                const float2 two = *reinterpret_cast<const float2*>(from + n * 8);
                values.tiles[m][n].x[2 * half] = two.x;
                values.tiles[m][n].x[2 * half + 1] = two.y;
            }
        }
    }
}

/// A split's results, to where they belong.
template <typename S>
__device__ __forceinline__ void storeValues(const AttentionArguments& a, const Room<S>& room,
    const Values<S>& values, unsigned kvHead, unsigned firstRow, unsigned rows)
{
    const AttentionStep& step = a.step;
    const unsigned warp = threadIdx.x / kWarpSize;
    const unsigned lane = threadIdx.x % kWarpSize;
    const bool last = isWhole(a);
    PONDER_UNROLL
    for (unsigned m = 0; m < S::kRowTiles; ++m) {
        PONDER_UNROLL
        for (unsigned half = 0; half < 2; ++half) {
            const unsigned r = m * 16 + half * 8 + lane / 4;
            const unsigned row = firstRow + r;
            if (r >= rows || (!last && room.sum[r] == 0))
                continue;
            const unsigned head = kvHead * a.cut.group + row % a.cut.group;
            float* to = last ? step.out.data + row / a.cut.group * step.out.tokenStride
                    + head * step.out.headStride
                             : partial(a, blockIdx.y, kvHead, row).values;
            const float factor = last ? finishFactor(step, head, room.max[r], room.sum[r]) : 1.0f;
            to += warp * S::kColTiles * 8 + lane % 4 * 2;
            PONDER_UNROLL
            for (unsigned n = 0; n < S::kColTiles; ++n)
                *reinterpret_cast<float2*>(to + n * 8)
                    = make_float2(values.tiles[m][n].x[2 * half] * factor,
                        values.tiles[m][n].x[2 * half + 1] * factor);
        }
    }
}

// [row blocks, splits, kvHeads] blocks.
template <typename S> __global__ void __launch_bounds__(S::kThreads, 1) attend(AttentionArguments a)
{
    PONDER_SHARED_DYNAMIC(unsigned char, shared);
    const Room<S> room(shared);
    const unsigned kvHead = blockIdx.z;
    // Rows that see more come first, so that the last blocks to run are short.
    const unsigned firstRow = (a.cut.rowBlocks - 1 - blockIdx.x) * S::kRows;
    const unsigned rows = a.cut.rows - firstRow < S::kRows ? a.cut.rows - firstRow : S::kRows;
    const HeadCache keys(a.step.keys, kvHead);
    const HeadCache values(a.step.values, kvHead);
    prefetchTile<S>(
        keys, values, splitOf(a.cut, seenByRows(a, firstRow, firstRow + rows - 1), blockIdx.y));
    waitForPrevious();
    letNextStart();
    const Span span = splitOf(a.cut, seenByRows(a, firstRow, firstRow + rows - 1), blockIdx.y);
    for (unsigned tile = 0; tile + 1 < S::kStages; ++tile)
        copyTile(room, keys, values, span, tile);
    loadQueries(a, room, kvHead, firstRow, rows);

    const unsigned myRow = threadIdx.x / S::kThreadsPerRow; // in the softmax
    Span seen{0, 0};
    if (myRow < rows) {
        seen = seenBy(a.step, (firstRow + myRow) / a.cut.group);
        seen.end = seen.end < span.end ? seen.end : span.end; // a tile may reach past the split
    }
    RowState state{-kInfinity, 0.0f};
    Values<S> sums;
    if (!a.step.begins) {
        if (myRow < rows) {
            const Partial part = partial(a, blockIdx.y, kvHead, firstRow + myRow);
            state = {*part.max, *part.sum};
        }
        takeUpValues(a, sums, kvHead, firstRow, rows);
    }
    const unsigned tiles = (span.end - span.begin + S::kTile - 1) / S::kTile;
    for (unsigned tile = 0; tile < tiles; ++tile) {
        waitForCopies<S::kStages - 2>();
        __syncthreads(); // the tile has arrived, and every warp has read the one before
        copyTile(room, keys, values, span, tile + S::kStages - 1);
        if constexpr (S::kPacked) {
            unpackTile(room, keys, values, span, tile);
            __syncthreads();
        }
        scoreTile(room, tile);
        __syncthreads();
        weighTile(room, seen, a.step.scale, span.begin + tile * S::kTile, state);
        __syncthreads();
        sums.shrink(room);
        sums.add(room, tile);
    }
    if (threadIdx.x % S::kThreadsPerRow == 0) {
        room.max[myRow] = state.max;
        room.sum[myRow] = state.sum;
        if (!isWhole(a) && myRow < rows) {
            const Partial part = partial(a, blockIdx.y, kvHead, firstRow + myRow);
            *part.max = state.max;
            *part.sum = state.sum;
        }
    }
    __syncthreads();
    storeValues(a, room, sums, kvHead, firstRow, rows);
}

template <typename S> Status launchShape(const AttentionArguments& a, cudaStream_t stream)
{
    const dim3 grid(a.cut.rowBlocks, a.cut.splits, static_cast<unsigned>(a.step.keys.heads));
    return PONDER_LAUNCH_OVERLAPPED((attend<S>), grid, S::kThreads, S::kSharedBytes, stream, a);
}

/// The first of the shapes that fits into this many bytes.
template <typename... S>
Status launch(
    TileShapes<S...>, const AttentionArguments& a, std::size_t shared, cudaStream_t stream)
{
    Status status{cudaErrorInvalidConfiguration, "attend"};
    (void)((S::kSharedBytes <= shared && (status = launchShape<S>(a, stream), true)) || ...);
    return status;
}

} // namespace tiles
} // namespace ponder::kernels::cuda
