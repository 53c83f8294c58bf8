#pragma once

#include "kernels/cuda/attention/rows.cuh"
#include "kernels/cuda/device/numbers.h"
#include "kernels/cuda/device/warp.h"

// Putting a row's shares together, by a block of kJoinThreads.

namespace ponder::kernels::cuda {

inline constexpr unsigned kJoinThreads = 256;
inline constexpr unsigned kJoinWarps = kJoinThreads / kWarpSize;
inline constexpr unsigned kJoinCols = 128; // at a time
inline constexpr unsigned kJoinColsPerLane = kJoinCols / kWarpSize;
inline constexpr unsigned kJoinAtOnce = 4; // shares that a warp has on their way

/// Each share's factor, [kMaxShares], and what the row's values are multiplied by in the end. All threads.
__device__ __forceinline__ float weighShares(
    const AttentionArguments& a, unsigned kvHead, unsigned row, float* factors)
{
    PONDER_SHARED_ARRAY(float, ofWarps, kJoinWarps);
    const unsigned shares = a.cut.shares;
    float largest = -kInfinity;
    for (unsigned s = threadIdx.x; s < shares; s += kJoinThreads) {
        const Partial part = partial(a, s, kvHead, row);
        const float max = *part.sum > 0 ? *part.max : -kInfinity;
        largest = max > largest ? max : largest;
    }
    largest = warpMax(largest);
    if (threadIdx.x % kWarpSize == 0)
        ofWarps[threadIdx.x / kWarpSize] = largest;
    __syncthreads();
    for (unsigned w = 0; w < kJoinWarps; ++w)
        largest = ofWarps[w] > largest ? ofWarps[w] : largest;
    float sum = 0;
    for (unsigned s = threadIdx.x; s < shares; s += kJoinThreads) {
        const Partial part = partial(a, s, kvHead, row);
        const float partSum = *part.sum;
        // What saw nothing has no numbers; a NaN does go on.
        const float factor = partSum == 0 ? 0.0f : expf(*part.max - largest);
        factors[s] = factor;
        sum += factor * partSum;
    }
    sum = blockSum(sum); // its barriers also publish factors
    return finishFactor(a.step, kvHead * a.cut.group + row % a.cut.group, largest, sum);
}

/// Columns firstCol … firstCol + 127 of a row: thread c (and c + 128) gets column firstCol + c, not yet
/// finished; behind the row's end nothing of use. A warp takes every eighth share. sums: [kJoinWarps *
/// kJoinCols], shared. All threads; has a barrier, and needs one before the next call.
__device__ __forceinline__ float joinColumns(const AttentionArguments& a, unsigned kvHead,
    unsigned row, unsigned firstCol, const float* factors, float* sums)
{
    const unsigned lane = threadIdx.x % kWarpSize;
    const unsigned warp = threadIdx.x / kWarpSize;
    const auto cols = static_cast<unsigned>(a.step.values.cols);
    const float* values = partial(a, 0, kvHead, row).values + firstCol + lane;
    const std::size_t step
        = std::size_t{a.cut.rows} * a.step.keys.heads * cols; // to the next share's
    float sum[kJoinColsPerLane] = {};
    for (unsigned first = warp; first < a.cut.shares; first += kJoinWarps * kJoinAtOnce) {
        float loaded[kJoinAtOnce][kJoinColsPerLane];
        float factor[kJoinAtOnce];
        PONDER_UNROLL
        for (unsigned i = 0; i < kJoinAtOnce; ++i) {
            const unsigned s = first + i * kJoinWarps;
            factor[i] = s < a.cut.shares ? factors[s] : 0.0f;
            PONDER_UNROLL
            for (unsigned c = 0; c < kJoinColsPerLane; ++c) {
                const bool there = factor[i] != 0 && firstCol + c * kWarpSize + lane < cols;
                loaded[i][c] = there ? values[s * step + c * kWarpSize] : 0.0f;
            }
        }
        PONDER_UNROLL
        for (unsigned i = 0; i < kJoinAtOnce; ++i) {
            PONDER_UNROLL
            for (unsigned c = 0; c < kJoinColsPerLane; ++c)
                sum[c] += factor[i] * loaded[i][c];
        }
    }
    PONDER_UNROLL
    for (unsigned c = 0; c < kJoinColsPerLane; ++c)
        sums[warp * kJoinCols + c * kWarpSize + lane] = sum[c];
    __syncthreads();
    float value = 0;
    PONDER_UNROLL
    for (unsigned w = 0; w < kJoinWarps; ++w)
        value += sums[w * kJoinCols + threadIdx.x % kJoinCols];
    return value;
}

} // namespace ponder::kernels::cuda
