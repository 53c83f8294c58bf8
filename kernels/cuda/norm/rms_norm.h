#pragma once

#include "kernels/cuda/runtime/status.h"
#include "kernels/types/views.h"

namespace ponder::kernels::cuda {

/// y[t, c] = x[t, c] / sqrt(mean over c of x[t, c]^2 + epsilon) * weight[c], as kernels/cpu/norm.
/// x, y: [tokens, cols], f32, on the device, may be the same rows; weight: [cols], f32, on the device.
/// Any strides and alignment; 16-byte aligned rows are faster.
Status rmsNorm(
    ConstFloatRows x, const float* weight, float epsilon, FloatRows y, cudaStream_t stream);

} // namespace ponder::kernels::cuda
