#pragma once

#include <cstdint>

#include "kernels/cuda/attention/rows.cuh"
#include "kernels/cuda/attention/tile_shape.h"
#include "kernels/cuda/device/copy.h"
#include "kernels/cuda/device/float8.h"
#include "kernels/cuda/device/warp.h"

// Where the tiles of attention lie in shared memory, and how they get there.

namespace ponder::kernels::cuda {

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

/// How many bytes after a multiple of 16 a row begins.
template <unsigned kRowBytes>
__device__ __forceinline__ unsigned skewOf(const HeadCache& cache, unsigned first)
{
    return kRowBytes % 16 == 0 ? 0
                               : static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(
                                     cache.data + std::size_t{first} * kRowBytes))
            % 16;
}

/// Starts to copy kTile packed rows, which are contiguous; none from `end` on.
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
    static_assert(kCoarse % 8 == 0);
    packed += skewOf<kRowBytes>(cache, first);
    PONDER_UNROLL
    for (unsigned j = 0; j < (S::kTile * kChunks + S::kThreads - 1) / S::kThreads; ++j) {
        const unsigned i = j * S::kThreads + threadIdx.x;
        if (S::kTile * kChunks % S::kThreads != 0 && i >= S::kTile * kChunks)
            break;
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

/// Has the first tile of a split fetched into L2 while the kernel before may still run: what lies there is
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

} // namespace tiles
} // namespace ponder::kernels::cuda
