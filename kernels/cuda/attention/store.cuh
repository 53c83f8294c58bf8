#pragma once

#include "kernels/cuda/attention/cache.h"
#include "kernels/cuda/device.h"

namespace ponder::kernels::cuda {

/// Writes one number of a cache.
__device__ __forceinline__ void storeInCache(
    const CacheRows& cache, unsigned position, unsigned head, unsigned col, float value)
{
    const std::size_t at
        = position * cache.positionStride + head * cache.headStride + std::size_t{col};
    if (cache.type == CacheType::F32)
        static_cast<float*>(cache.data)[at] = value;
    else
        static_cast<__nv_bfloat16*>(cache.data)[at] = __float2bfloat16_rn(value);
}

} // namespace ponder::kernels::cuda
