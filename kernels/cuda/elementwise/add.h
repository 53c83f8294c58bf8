#pragma once

#include "kernels/cuda/runtime/status.h"
#include "kernels/types/views.h"

namespace ponder::kernels::cuda {

/// y += x, number by number. x, y: [tokens, cols], f32, on the device; any strides.
Status add(ConstFloatRows x, FloatRows y, cudaStream_t stream);

} // namespace ponder::kernels::cuda
