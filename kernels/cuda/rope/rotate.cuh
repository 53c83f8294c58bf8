#pragma once

#include "kernels/cuda/device.h"

namespace ponder::kernels::cuda {

/// Where the two numbers of a pair lie in a head.
struct PairPlaces {
    unsigned first, second;
};

__device__ __forceinline__ PairPlaces placesOf(unsigned pair, unsigned pairs, bool halves)
{
    return halves ? PairPlaces{pair, pair + pairs} : PairPlaces{2 * pair, 2 * pair + 1};
}

/// (a, b) turned by an angle's (cos, sin). Rounded as on the processor: no fused multiplication.
__device__ __forceinline__ float2 turn(float a, float b, float2 angle)
{
    return make_float2(__fsub_rn(__fmul_rn(a, angle.x), __fmul_rn(b, angle.y)),
        __fadd_rn(__fmul_rn(a, angle.y), __fmul_rn(b, angle.x)));
}

} // namespace ponder::kernels::cuda
