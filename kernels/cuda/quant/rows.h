#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/views.h"
#include "kernels/cuda/device.h"

namespace ponder::kernels::cuda {

/// Rows of weights as floats, to the bit as kernels::dequantizeRow() makes them:
/// y[i] = row rows[i] of w, or, where rows is nullptr, row i.
/// w: [rows, cols], device, any type, aligned as for product(); rows: [y.rows], device, each in
/// [0, w.rows); y: [count, cols], device f32. For embeddings of any type.
[[nodiscard]] cudaError_t dequantizeRows(
    cudaStream_t stream, const WeightView& w, const std::int32_t* rows, FloatRows y);

} // namespace ponder::kernels::cuda
