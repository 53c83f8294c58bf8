#pragma once

#include "kernels/cuda/attention/rows.cuh"
#include "kernels/cuda/device/numbers.h"
#include "kernels/cuda/device/warp.h"

// How a block of kCombineThreads combines the splits of a row (split-KV attention).

namespace ponder::kernels::cuda {

inline constexpr unsigned kCombineThreads = 256;
inline constexpr unsigned kCombineWarps = kCombineThreads / kWarpSize;
inline constexpr unsigned kCombineCols = 128; // at a time
inline constexpr unsigned kCombineColsPerLane = kCombineCols / kWarpSize;
inline constexpr unsigned kCombineAtOnce = 4; // splits whose values a warp loads at once

/// factors: [kMaxSplits], written: the rescale factor of each split, exp(its max - the largest max). Returns the
/// factor of the whole row, 1 / sum. Every thread of the block calls it.
__device__ __forceinline__ float splitScales(
    const AttentionArguments& a, unsigned kvHead, unsigned row, float* factors)
{
    PONDER_SHARED_ARRAY(float, ofWarps, kCombineWarps);
    const unsigned splits = a.cut.splits;
    float largest = -kInfinity;
    for (unsigned s = threadIdx.x; s < splits; s += kCombineThreads) {
        const Partial part = partial(a, s, kvHead, row);
        const float max = *part.sum > 0 ? *part.max : -kInfinity;
        largest = max > largest ? max : largest;
    }
    largest = warpMax(largest);
    if (threadIdx.x % kWarpSize == 0)
        ofWarps[threadIdx.x / kWarpSize] = largest;
    __syncthreads();
    for (unsigned w = 0; w < kCombineWarps; ++w)
        largest = ofWarps[w] > largest ? ofWarps[w] : largest;
    float sum = 0;
    for (unsigned s = threadIdx.x; s < splits; s += kCombineThreads) {
        const Partial part = partial(a, s, kvHead, row);
        const float partSum = *part.sum;
        // A split without positions has no values; a NaN is kept.
        const float factor = partSum == 0 ? 0.0f : expf(*part.max - largest);
        factors[s] = factor;
        sum += factor * partSum;
    }
    sum = blockSum(sum); // its barriers also publish factors
    return finishFactor(a.step, kvHead * a.cut.group + row % a.cut.group, largest, sum);
}

/// Columns firstCol … firstCol + 127 of a row, not yet multiplied by the row's factor: thread c (and c + 128) gets
/// column firstCol + c; columns after the row's end have no meaning. A warp takes every eighth split.
/// sums: [kCombineWarps * kCombineCols], shared memory. Every thread of the block calls it. It has one barrier, and
/// the caller needs one before the next call.
__device__ __forceinline__ float combineColumns(const AttentionArguments& a, unsigned kvHead,
    unsigned row, unsigned firstCol, const float* factors, float* sums)
{
    const unsigned lane = threadIdx.x % kWarpSize;
    const unsigned warp = threadIdx.x / kWarpSize;
    const auto cols = static_cast<unsigned>(a.step.values.cols);
    const float* values = partial(a, 0, kvHead, row).values + firstCol + lane;
    const std::size_t step
        = std::size_t{a.cut.rows} * a.step.keys.heads * cols; // to the next split's
    float sum[kCombineColsPerLane] = {};
    for (unsigned first = warp; first < a.cut.splits; first += kCombineWarps * kCombineAtOnce) {
        float loaded[kCombineAtOnce][kCombineColsPerLane];
        float factor[kCombineAtOnce];
        PONDER_UNROLL
        for (unsigned i = 0; i < kCombineAtOnce; ++i) {
            const unsigned s = first + i * kCombineWarps;
            factor[i] = s < a.cut.splits ? factors[s] : 0.0f;
            PONDER_UNROLL
            for (unsigned c = 0; c < kCombineColsPerLane; ++c) {
                const bool there = factor[i] != 0 && firstCol + c * kWarpSize + lane < cols;
                loaded[i][c] = there ? values[s * step + c * kWarpSize] : 0.0f;
            }
        }
        PONDER_UNROLL
        for (unsigned i = 0; i < kCombineAtOnce; ++i) {
            PONDER_UNROLL
            for (unsigned c = 0; c < kCombineColsPerLane; ++c)
                sum[c] += factor[i] * loaded[i][c];
        }
    }
    PONDER_UNROLL
    for (unsigned c = 0; c < kCombineColsPerLane; ++c)
        sums[warp * kCombineCols + c * kWarpSize + lane] = sum[c];
    __syncthreads();
    float value = 0;
    PONDER_UNROLL
    for (unsigned w = 0; w < kCombineWarps; ++w)
        value += sums[w * kCombineCols + threadIdx.x % kCombineCols];
    return value;
}

} // namespace ponder::kernels::cuda
