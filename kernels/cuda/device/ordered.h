#pragma once

#include <limits>

#include "kernels/cuda/device.h"

namespace ponder::kernels::cuda {

/// A number and its place as one key: the larger key is the larger number, and of equal numbers the
/// lower place. -0 is 0. NaN has no place in the order.
__device__ __forceinline__ unsigned long long orderedKey(float value, unsigned place)
{
    const unsigned bits = __float_as_uint(value + 0.0f);
    const unsigned ordered = (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
    return static_cast<unsigned long long>(ordered) << 32 | (0xFFFFFFFFU - place);
}

__device__ __forceinline__ unsigned indexOfKey(unsigned long long key)
{
    return 0xFFFFFFFFU - static_cast<unsigned>(key);
}

__device__ __forceinline__ float valueOfKey(unsigned long long key)
{
    const auto ordered = static_cast<unsigned>(key >> 32);
    return __uint_as_float((ordered & 0x80000000U) != 0 ? ordered & 0x7FFFFFFFU : ~ordered);
}

} // namespace ponder::kernels::cuda
