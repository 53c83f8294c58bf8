#pragma once

#include "kernels/cuda/device.h"
#include "kernels/types/activation.h"

namespace ponder::kernels::cuda {

/// The activation of a feed-forward, as kernels/cpu/elementwise computes it.
__device__ __forceinline__ float activate(const Activation& activation, float gate, float up)
{
    if (activation.kind == Activation::Kind::SwiGlu)
        return gate / (1.0F + expf(-gate)) * up;
    const float limit = activation.limit;
    const float g = gate > limit ? limit : gate;
    const float u = up > limit ? limit : up < -limit ? -limit : up;
    return g / (1.0F + expf(-activation.alpha * g)) * (u + 1.0F);
}

} // namespace ponder::kernels::cuda
