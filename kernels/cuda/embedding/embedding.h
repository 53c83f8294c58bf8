#pragma once

#include <cstdint>

#include "kernels/cpu/views.h"
#include "kernels/cuda/runtime/status.h"

namespace ponder::kernels::cuda {

/// out[t] = row tokens[t] of table, as kernels/cpu/elementwise: the row's weights as they are, f32.
/// table: [vocabulary, cols], any type, on the device; tokens: [out.rows], on the device, each inside
/// of the vocabulary; out: [tokens, cols], f32, on the device.
Status embeddingRows(
    const WeightView& table, const std::int32_t* tokens, FloatRows out, cudaStream_t stream);

} // namespace ponder::kernels::cuda
