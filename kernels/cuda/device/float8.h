#pragma once

#include "kernels/cuda/device.h"

// Numbers in 8 bits: e4m3 (OCP OFP8), up to 448, no infinity.

namespace ponder::kernels::cuda {

/// Two numbers, the first in the low byte: to the nearest, ties to even; what is larger than 448
/// becomes 448, a NaN stays one.
__device__ __forceinline__ unsigned toFloat8(float first, float second)
{
    return __nv_cvt_float2_to_fp8x2(make_float2(first, second), __NV_SATFINITE, __NV_E4M3);
}

/// Exactly.
__device__ __forceinline__ float2 fromFloat8(unsigned two)
{
    return __half22float2(
        __half2(__nv_cvt_fp8x2_to_halfraw2(static_cast<__nv_fp8x2_storage_t>(two), __NV_E4M3)));
}

/// The power of two by which numbers up to `largest` (finite, not negative) are divided to fit into e4m3
/// and use its range; and what it is one over.
struct Float8Scale {
    float scale, inverse;

    __device__ explicit Float8Scale(float largest)
    {
        // 448 is 1.75 * 2^8.
        const unsigned bits = __float_as_uint(largest);
        const unsigned wanted = (bits >> 23) + ((bits & 0x7FFFFFU) > 0x600000U ? 1U : 0U);
        const unsigned exponent = wanted > 9 ? wanted - 8 : 1; // normal, and so is the inverse
        scale = __uint_as_float(exponent << 23);
        inverse = __uint_as_float((254U - exponent) << 23);
    }
};

} // namespace ponder::kernels::cuda
