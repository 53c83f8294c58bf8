#pragma once

#include "kernels/cuda/matmul/activations.cuh"
#include "kernels/cuda/matmul/vectors.h"

namespace ponder::kernels::cuda {

/// Makes vector `index` of `to` ready out of x, through a norm where there is one. All threads of the block
/// call it; others see the vector after the next barrier.
__device__ __forceinline__ void makeVector(const VectorForms& forms, const float* x,
    const float* norm, float epsilon, unsigned index, std::uint8_t* to)
{
    const float scale = norm == nullptr ? 1.0F : normScale(x, forms.cols, epsilon);
    if (forms.packed)
        packVector(x, norm, scale, forms.cols / kActivationBlock,
            to + std::size_t{index} * forms.packedBytes(), threadIdx.x / kWarpSize,
            blockDim.x / kWarpSize);
    if (forms.plain)
        copyVector(x, norm, scale, forms.cols,
            to + forms.plainOffset() + std::size_t{index} * forms.plainBytes());
}

} // namespace ponder::kernels::cuda
