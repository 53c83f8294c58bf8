#pragma once

#include "kernels/cuda/device.h"

// Sums and maxima over a warp or block. All lanes (threads) take part and all get the same bits. The
// order of adding is fixed, so a result does not change from run to run.

namespace ponder::kernels::cuda {

inline constexpr unsigned kWarpSize = 32;
inline constexpr unsigned kAllLanes = 0xFFFFFFFF;

namespace detail {

// log2(kWidth) exchanges between lanes; the emulation makes one of them.
template <unsigned kWidth, typename T, typename Join>
__device__ __forceinline__ T reduceWarp(T value, Join join PONDER_CALL_SITE)
{
#ifdef PONDER_CUDA_EMULATED
    T all[kWarpSize];
    emulation::collect(kAllLanes, value, all PONDER_PASS_CALL_SITE);
    for (unsigned distance = kWidth / 2; distance > 0; distance /= 2) {
        T next[kWarpSize];
        for (unsigned lane = 0; lane < kWarpSize; ++lane)
            next[lane] = join(all[lane], all[lane ^ distance]);
        for (unsigned lane = 0; lane < kWarpSize; ++lane)
            all[lane] = next[lane];
    }
    return all[emulation::laneOfThread()];
#else
#pragma unroll
    for (unsigned distance = kWidth / 2; distance > 0; distance /= 2)
        value = join(value, __shfl_xor_sync(kAllLanes, value, static_cast<int>(distance)));
    return value;
#endif
}

} // namespace detail

/// Over kWidth lanes that follow each other (a power of two), in every such group of the warp.
template <unsigned kWidth = kWarpSize, typename T>
__device__ __forceinline__ T warpSum(T value PONDER_CALL_SITE)
{
    return detail::reduceWarp<kWidth>(value, [](T a, T b) { return a + b; } PONDER_PASS_CALL_SITE);
}

template <unsigned kWidth = kWarpSize, typename T>
__device__ __forceinline__ T warpMax(T value PONDER_CALL_SITE)
{
    return detail::reduceWarp<kWidth>(
        value, [](T a, T b) { return a > b ? a : b; } PONDER_PASS_CALL_SITE);
}

/// Over a block of up to 1024 threads, a multiple of 32. Has two barriers: all threads call it.
template <typename T> __device__ __forceinline__ T blockSum(T value PONDER_CALL_SITE)
{
    PONDER_SHARED_ARRAY(T, ofWarps, 32);
    const unsigned warp = threadIdx.x / kWarpSize;
    const unsigned lane = threadIdx.x % kWarpSize;
    const unsigned warps = blockDim.x / kWarpSize;
    value = warpSum(value PONDER_PASS_CALL_SITE);
    __syncthreads(); // nobody still reads the last call's
    if (lane == 0)
        ofWarps[warp] = value;
    __syncthreads();
    value = lane < warps ? ofWarps[lane] : T(0);
    return warpSum(value PONDER_PASS_CALL_SITE);
}

} // namespace ponder::kernels::cuda
