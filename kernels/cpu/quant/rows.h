#pragma once

#include <cstddef>
#include <span>

#include "kernels/types/tensor_type.h"

namespace ponder::kernels {

/// Turns one row of weights into floats, exactly: [out.size()] weights from
/// rowBytes(type, out.size()) bytes. Precondition: out.size() is a multiple of the block.
/// scales: [ceil(out.size() / 128)] for F8_E4M3, whose products are rounded once; else nullptr.
/// Thread-safe. This is the reference for every quantisation.
void dequantizeRow(
    TensorType type, const std::byte* row, std::span<float> out, const float* scales = nullptr);

/// Writes a row as Q8_0: out holds rowBytes(Q8_0, row.size()) bytes.
/// Precondition: row.size() is a multiple of 32. Thread-safe.
void quantizeRowQ8_0(std::span<const float> row, std::byte* out);

} // namespace ponder::kernels
