#pragma once

#include <cstdint>

#include "kernels/cuda/attention/rows.cuh"
#include "kernels/cuda/attention/tiles.h"
#include "kernels/cuda/device/copy.h"
#include "kernels/cuda/device/float8.h"
#include "kernels/cuda/device/mma.h"
#include "kernels/cuda/device/numbers.h"
#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/device/warp.h"
#include "kernels/cuda/runtime/launch.h"

// Flash attention (Dao, arXiv 2307.08691) with mma.sync. A block has kRows query rows and walks over its
// share of the positions, kTile at a time, while the next tiles are on their way into shared memory:
// scores (each warp some of the tile's positions), softmax (some threads a row), values (each warp some
// of the columns). With latents, keys and values are the same tile, read once.

namespace ponder::kernels::cuda {

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
    static constexpr unsigned kWarps = kThreads / kWarpSize;
    static constexpr unsigned kRowTiles = kRows / 16;
    static constexpr unsigned kThreadsPerRow = kThreads / kRows; // in the softmax
    static constexpr unsigned kPerThread = kTile / kThreadsPerRow;

    // [16, 8] tiles of scores; where there are fewer than warps, warps share one, each some of kKeyDim.
    static constexpr unsigned kPairs = kRowTiles * kTile / 8;
    static constexpr unsigned kSplit = kPairs >= kWarps ? 1 : kWarps / kPairs;
    static constexpr unsigned kPairsPerWarp = kPairs * kSplit / kWarps;
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
    static_assert(kSplitDim % 32 == 0 && kTile % 32 == 0 && kValueDim % (8 * kWarps) == 0);
    static_assert(kSplit > 1 || kRowTiles % kPairsPerWarp == 0 || kPairsPerWarp % kRowTiles == 0);
    static_assert(kPairsPerWarp <= kRowTiles && (kColTiles == 1 || kColTiles % 2 == 0));
    static_assert(kSharedBytes <= 227 * 1024);
};

namespace tiles {

template <typename S> struct Room {
    __nv_bfloat16* queries; // [kParts][kRows, kKeyStride]
    __nv_bfloat16*
        stages; // [kStages, or 1]: keys [kTile, kKeyStride], values [kTile, kValueStride]
    unsigned char* packedStages; // [kStages][kPackedSize]
    __nv_bfloat16* weights; // [kParts][kRows, kWeightStride]
    float* scores; // [kSplit][kRows, kScoreStride]
    float* shrink; // [kRows]
    float* max;
    float* sum;

    __device__ explicit Room(unsigned char* shared)
    {
        queries = reinterpret_cast<__nv_bfloat16*>(shared);
        stages = queries + S::kQuerySize;
        weights = stages + (S::kPacked ? 1 : S::kStages) * S::kStageSize;
        packedStages = reinterpret_cast<unsigned char*>(weights + S::kWeightSize);
        scores = reinterpret_cast<float*>(packedStages + S::kStages * S::kPackedSize);
        shrink = scores + S::kScoreSize;
        max = shrink + S::kRows;
        sum = max + S::kRows;
    }
    __device__ __nv_bfloat16* keys(unsigned tile) const
    {
        return stages + (S::kPacked ? 0 : tile % S::kStages * S::kStageSize);
    }
    __device__ __nv_bfloat16* values(unsigned tile) const
    {
        return keys(tile) + (S::kTogether ? 0 : S::kTile * S::kKeyStride);
    }
    __device__ unsigned char* packed(unsigned tile) const
    {
        return packedStages + tile % S::kStages * S::kPackedSize;
    }
};

/// Rows of a cached head.
struct HeadCache {
    const unsigned char* data;
    std::size_t stride; // bytes

    __device__ HeadCache(const CacheRows& cache, unsigned head)
        : data(static_cast<const unsigned char*>(cache.data) + head * cache.headBytes)
        , stride(cache.positionBytes)
    {
    }
};

/// Starts to copy kTile rows from position `first` on; those from `end` on become zeros.
template <typename S, unsigned kCols>
__device__ __forceinline__ void copyRows(
    const HeadCache& cache, unsigned first, unsigned end, __nv_bfloat16* to, unsigned stride)
{
    constexpr unsigned kChunks = kCols / 8; // of 16 bytes, a row
    PONDER_UNROLL
    for (unsigned j = 0; j < (S::kTile * kChunks + S::kThreads - 1) / S::kThreads; ++j) {
        const unsigned i = j * S::kThreads + threadIdx.x;
        if (S::kTile * kChunks % S::kThreads != 0 && i >= S::kTile * kChunks)
            break;
        const unsigned p = i / kChunks;
        const unsigned c = i % kChunks * 8;
        const bool there = first + p < end;
        copyAsync16(to + p * stride + c,
            cache.data + (there ? first + p : 0) * cache.stride + std::size_t{2 * c}, there);
    }
}

/// How far behind a multiple of 16 bytes a row begins.
template <unsigned kRowBytes>
__device__ __forceinline__ unsigned skewOf(const HeadCache& cache, unsigned first)
{
    return kRowBytes % 16 == 0 ? 0
                               : static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(
                                     cache.data + std::size_t{first} * kRowBytes))
            % 16;
}

/// Starts to copy kTile packed rows, which lie one after the other; none from `end` on.
template <typename S, unsigned kRowBytes>
__device__ __forceinline__ void copyPacked(
    const HeadCache& cache, unsigned first, unsigned end, unsigned char* to)
{
    const unsigned rows = end - first < S::kTile ? end - first : S::kTile;
    const unsigned skew = skewOf<kRowBytes>(cache, first);
    const unsigned char* from = cache.data + std::size_t{first} * kRowBytes - skew;
    for (unsigned i = threadIdx.x * 16; i < rows * kRowBytes + skew; i += S::kThreads * 16)
        copyAsync16(to + i, from + i, true);
}

/// Eight coarse numbers of a packed row, exactly, as bf16.
template <bool kAligned>
__device__ __forceinline__ uint4 unpackEight(const unsigned char* codes, float scale)
{
    uint2 from;
    if constexpr (kAligned)
        from = *reinterpret_cast<const uint2*>(codes);
    else
        from = make_uint2(*reinterpret_cast<const unsigned*>(codes),
            *reinterpret_cast<const unsigned*>(codes + 4));
    const unsigned pairs[4] = {from.x & 0xFFFFU, from.x >> 16, from.y & 0xFFFFU, from.y >> 16};
    unsigned to[4];
    PONDER_UNROLL
    for (unsigned i = 0; i < 4; ++i) {
        const float2 two = fromFloat8(pairs[i]);
        const unsigned low = __bfloat16_as_ushort(__float2bfloat16_rn(two.x * scale));
        const unsigned high = __bfloat16_as_ushort(__float2bfloat16_rn(two.y * scale));
        to[i] = low | high << 16;
    }
    return make_uint4(to[0], to[1], to[2], to[3]);
}

/// Unpacks kTile rows of kCols columns; those from `end` on become zeros.
template <typename S, unsigned kCols, unsigned kCoarse, unsigned kRowBytes>
__device__ __forceinline__ void unpackRows(const HeadCache& cache, unsigned first, unsigned end,
    const unsigned char* packed, __nv_bfloat16* to, unsigned stride)
{
    constexpr unsigned kChunks = kCols / 8; // of a row
    constexpr bool kAligned = kRowBytes % 16 == 0;
    static_assert(S::kTile * kChunks % S::kThreads == 0 && kCoarse % 8 == 0);
    packed += skewOf<kRowBytes>(cache, first);
    PONDER_UNROLL
    for (unsigned j = 0; j < S::kTile * kChunks / S::kThreads; ++j) {
        const unsigned i = j * S::kThreads + threadIdx.x;
        const unsigned p = i / kChunks;
        const unsigned c = i % kChunks * 8;
        uint4 numbers = make_uint4(0, 0, 0, 0);
        if (first + p < end) {
            const unsigned char* row = packed + p * kRowBytes;
            if (kCoarse == kCols || c < kCoarse) {
                const float scale = reinterpret_cast<const float*>(
                    row + CacheRow::scalesAt(kCoarse))[c / unsigned{CacheRow::kScaledCols}];
                numbers = unpackEight<kAligned>(row + c, scale);
            } else {
                const auto* fine = reinterpret_cast<const unsigned*>(
                    row + CacheRow::fineAt(kCoarse) + 2 * (c - kCoarse));
                if constexpr (kAligned)
                    numbers = *reinterpret_cast<const uint4*>(fine);
                else
                    numbers = make_uint4(fine[0], fine[1], fine[2], fine[3]);
            }
        }
        *reinterpret_cast<uint4*>(to + p * stride + c) = numbers;
    }
}

/// A packed tile that is there, to where keys() and values() of it are.
template <typename S>
__device__ __forceinline__ void unpackTile(
    const Room<S>& room, const HeadCache& keys, const HeadCache& values, Span span, unsigned tile)
{
    const unsigned first = span.begin + tile * S::kTile;
    const unsigned char* packed = room.packed(tile);
    unpackRows<S, S::kKeyDim, S::kCoarseKeyDim, S::kKeyBytes>(
        keys, first, span.end, packed, room.keys(tile), S::kKeyStride);
    if constexpr (!S::kTogether)
        unpackRows<S, S::kValueDim, S::kValueDim, S::kValueBytes>(
            values, first, span.end, packed + S::kPackedKeys, room.values(tile), S::kValueStride);
}

template <typename S>
__device__ __forceinline__ void copyTile(
    const Room<S>& room, const HeadCache& keys, const HeadCache& values, Span span, unsigned tile)
{
    const unsigned first = span.begin + tile * S::kTile;
    if (first < span.end) {
        if constexpr (S::kPacked) {
            copyPacked<S, S::kKeyBytes>(keys, first, span.end, room.packed(tile));
            if constexpr (!S::kTogether)
                copyPacked<S, S::kValueBytes>(
                    values, first, span.end, room.packed(tile) + S::kPackedKeys);
        } else {
            copyRows<S, S::kKeyDim>(keys, first, span.end, room.keys(tile), S::kKeyStride);
            if constexpr (!S::kTogether)
                copyRows<S, S::kValueDim>(
                    values, first, span.end, room.values(tile), S::kValueStride);
        }
    }
    commitCopies();
}

/// Has the first tile of a share fetched into L2 while the kernel before may still run: what lies there is
/// not used yet, and the last rows may not be written yet.
template <typename S>
__device__ __forceinline__ void prefetchTile(
    const HeadCache& keys, const HeadCache& values, Span span)
{
    constexpr unsigned kLine = 128; // bytes
    constexpr unsigned kKeyRow = S::kPacked ? S::kKeyBytes : 2 * S::kKeyDim;
    constexpr unsigned kValueRow = S::kPacked ? S::kValueBytes : 2 * S::kValueDim;
    for (unsigned p = threadIdx.x; p < S::kTile && span.begin + p < span.end; p += S::kThreads) {
        for (unsigned b = 0; b < kKeyRow; b += kLine)
            prefetchLine(keys.data + (span.begin + p) * keys.stride + b);
        for (unsigned b = 0; !S::kTogether && b < kValueRow; b += kLine)
            prefetchLine(values.data + (span.begin + p) * values.stride + b);
    }
}

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
        PONDER_UNROLL
        for (unsigned k = 0; k < S::kTile; k += 32) {
            LeftTile left[2][S::kRowTiles][S::kParts];
            PONDER_UNROLL
            for (unsigned half = 0; half < 2; ++half) {
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
                    for (unsigned half = 0; half < 2; ++half) {
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

/// A share's results, to where they belong.
template <typename S>
__device__ __forceinline__ void storeValues(const AttentionArguments& a, const Room<S>& room,
    const Values<S>& values, unsigned kvHead, unsigned firstRow, unsigned rows)
{
    const AttentionStep& step = a.step;
    const unsigned warp = threadIdx.x / kWarpSize;
    const unsigned lane = threadIdx.x % kWarpSize;
    const bool last = a.cut.shares == 1;
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

// [row blocks, shares, kvHeads] blocks.
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
        keys, values, shareOf(a.cut, seenByRows(a, firstRow, firstRow + rows - 1), blockIdx.y));
    waitForPrevious();
    letNextStart();
    const Span span = shareOf(a.cut, seenByRows(a, firstRow, firstRow + rows - 1), blockIdx.y);
    for (unsigned tile = 0; tile + 1 < S::kStages; ++tile)
        copyTile(room, keys, values, span, tile);
    loadQueries(a, room, kvHead, firstRow, rows);

    const unsigned myRow = threadIdx.x / S::kThreadsPerRow; // in the softmax
    Span seen{0, 0};
    if (myRow < rows) {
        seen = seenBy(a.step, (firstRow + myRow) / a.cut.group);
        seen.end = seen.end < span.end ? seen.end : span.end; // a tile may reach past the share
    }
    RowState state{-kInfinity, 0.0f};
    Values<S> sums;
    const unsigned tiles = (span.end - span.begin + S::kTile - 1) / S::kTile;
    for (unsigned tile = 0; tile < tiles; ++tile) {
        waitForCopies<S::kStages - 2>();
        __syncthreads(); // the tile is there; nobody reads the one before
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
        if (a.cut.shares > 1 && myRow < rows) {
            const Partial part = partial(a, blockIdx.y, kvHead, firstRow + myRow);
            *part.max = state.max;
            *part.sum = state.sum;
        }
    }
    __syncthreads();
    storeValues(a, room, sums, kvHead, firstRow, rows);
}

template <typename S> Status launch(const AttentionArguments& a, cudaStream_t stream)
{
    const dim3 grid(a.cut.rowBlocks, a.cut.shares, static_cast<unsigned>(a.step.keys.heads));
    return PONDER_LAUNCH_OVERLAPPED((attend<S>), grid, S::kThreads, S::kSharedBytes, stream, a);
}

} // namespace tiles
} // namespace ponder::kernels::cuda
