#pragma once

#include "kernels/types/activation_block.h"

namespace ponder::kernels::PONDER_SIMD {

/// What minimum i of a group is multiplied with: the sum of the activations that it belongs to.
template <int mins> PONDER_INLINE float sumFor(const ActivationBlock& x, int i)
{
    return mins == 2 ? x.scale * static_cast<float>(x.halfSums[i]) : x.sum;
}

} // namespace ponder::kernels::PONDER_SIMD
