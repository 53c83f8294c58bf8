#pragma once

#include "kernels/cuda/attention/cache.h"
#include "kernels/cuda/device.h"
#include "kernels/cuda/device/float8.h"
#include "kernels/cuda/device/numbers.h"
#include "kernels/cuda/device/warp.h"

// Writing and reading rows of a cache.

namespace ponder::kernels::cuda {

__device__ __forceinline__ unsigned char* rowOf(
    const CacheRows& cache, std::size_t position, unsigned head)
{
    return static_cast<unsigned char*>(cache.data) + position * cache.positionBytes
        + head * cache.headBytes;
}

/// Columns first … first + 127 of the coarse ones of a row: one warp. What is infinite becomes NaN, since
/// e4m3 has no infinity.
__device__ __forceinline__ void storeGroup(
    unsigned char* to, const float* row, unsigned first, unsigned coarse, unsigned lane)
{
    const unsigned col = first + lane * 4;
    float v[4];
    float largest = 0;
    PONDER_UNROLL
    for (unsigned i = 0; i < 4; ++i) {
        v[i] = col + i < coarse ? row[col + i] : 0.0f;
        const float size = fabsf(v[i]);
        if (!(size < kInfinity))
            v[i] = __uint_as_float(0x7FC00000U);
        else
            largest = size > largest ? size : largest;
    }
    const Float8Scale by(warpMax(largest));
    if (col < coarse)
        *reinterpret_cast<unsigned*>(to + col) = toFloat8(v[0] * by.inverse, v[1] * by.inverse)
            | toFloat8(v[2] * by.inverse, v[3] * by.inverse) << 16;
    if (lane == 0)
        reinterpret_cast<float*>(
            to + CacheRow::scalesAt(coarse))[first / unsigned{CacheRow::kScaledCols}]
            = by.scale;
}

/// Writes a row: so many threads (whole warps), of which this is one. row: [cols], in shared memory.
__device__ __forceinline__ void storeRow(const CacheRows& cache, unsigned position, unsigned head,
    const float* row, unsigned thread, unsigned threads)
{
    unsigned char* to = rowOf(cache, position, head);
    const auto cols = static_cast<unsigned>(cache.cols);
    if (cache.type == CacheType::F32) {
        for (unsigned i = thread; i < cols; i += threads)
            reinterpret_cast<float*>(to)[i] = row[i];
        return;
    }
    const unsigned coarse = cache.type == CacheType::Fp8 ? static_cast<unsigned>(cache.coarse) : 0;
    constexpr unsigned kGroup = CacheRow::kScaledCols;
    for (unsigned g = thread / kWarpSize; g * kGroup < coarse; g += threads / kWarpSize)
        storeGroup(to, row, g * kGroup, coarse, thread % kWarpSize);
    auto* fine = reinterpret_cast<__nv_bfloat16*>(to + (coarse > 0 ? CacheRow::fineAt(coarse) : 0));
    for (unsigned i = coarse + thread; i < cols; i += threads)
        fine[i - coarse] = __float2bfloat16_rn(row[i]);
}

/// One number of a row.
template <CacheType kType>
__device__ __forceinline__ float numberOf(const unsigned char* row, unsigned col, unsigned coarse)
{
    if constexpr (kType == CacheType::F32) {
        return reinterpret_cast<const float*>(row)[col];
    } else if constexpr (kType == CacheType::Bf16) {
        return __bfloat162float(reinterpret_cast<const __nv_bfloat16*>(row)[col]);
    } else {
        if (col >= coarse)
            return __bfloat162float(reinterpret_cast<const __nv_bfloat16*>(
                row + CacheRow::fineAt(coarse))[col - coarse]);
        constexpr unsigned kGroup = CacheRow::kScaledCols;
        return fromFloat8(row[col]).x
            * reinterpret_cast<const float*>(row + CacheRow::scalesAt(coarse))[col / kGroup];
    }
}

} // namespace ponder::kernels::cuda
