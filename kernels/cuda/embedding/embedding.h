#pragma once

#include <cstdint>

#include "kernels/cuda/quant/rows.h"

namespace ponder::kernels::cuda {

/// out[t] = row tokens[t] of table, as kernels/cpu/elementwise: the row's weights as they are, f32.
/// table: [vocabulary, cols], any type, on the device; tokens: [out.rows], on the device, each inside
/// of the vocabulary; out: [tokens, cols], f32, on the device.
inline Status embeddingRows(
    const WeightView& table, const std::int32_t* tokens, FloatRows out, cudaStream_t stream)
{
    return dequantizeRows(stream, table, tokens, out);
}

} // namespace ponder::kernels::cuda
