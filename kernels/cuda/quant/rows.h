#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/runtime/status.h"
#include "kernels/types/views.h"

namespace ponder::kernels::cuda {

/// To what the first byte of a matrix must be aligned for the kernels of this folder's neighbours.
/// 16 at most. Rows and blocks then lie right by themselves.
[[nodiscard]] std::size_t weightAlignment(TensorType type);

/// Rows of weights as floats, to the bit as kernels::dequantizeRow() makes them:
/// y[i] = row rows[i] of w, or, where rows is nullptr, row i.
/// w: [rows, cols], device, any type, aligned as weightAlignment() says; rows: [y.rows], device, each
/// in [0, w.rows); y: [count, cols], device f32. For embeddings of any type.
Status dequantizeRows(
    cudaStream_t stream, const WeightView& w, const std::int32_t* rows, FloatRows y);

} // namespace ponder::kernels::cuda
