#pragma once

#include "kernels/cpu/moe/feed_forward.h"
#include "kernels/cuda/device.h"

namespace ponder::kernels::cuda {

/// What lies between the products of a feed-forward (kernels/cpu/elementwise).
__device__ __forceinline__ float gatedUnit(const GatedUnit& unit, float gate, float up)
{
    if (unit.kind == GatedUnit::Kind::SwiGlu)
        return gate / (1.0F + expf(-gate)) * up;
    const float limit = unit.limit;
    const float g = gate > limit ? limit : gate;
    const float u = up > limit ? limit : up < -limit ? -limit : up;
    return g / (1.0F + expf(-unit.alpha * g)) * (u + 1.0F);
}

} // namespace ponder::kernels::cuda
