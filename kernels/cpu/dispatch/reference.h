#pragma once

#include "kernels/cpu/dispatch/kernel_table.h"
#include "kernels/types/tensor_type.h"

/// The plain kernels. Each file named *_ref.cpp defines those of its folder.
namespace ponder::kernels::reference {

[[nodiscard]] std::size_t scratchBytes(std::size_t rowBytes, std::size_t cols);
void quantisedRows(TensorType type, const RowsProduct& p);
void floatRows(TensorType type, const RowsProduct& p);
void dequantizeRow(
    TensorType type, const std::byte* row, const float* scales, std::size_t cols, float* out);
#define PONDER_FLOAT_TYPE(name, id, weights, bytes)                                                \
    void dequantize##name(const std::byte* row, const float* scales, std::size_t cols, float* out);
#define PONDER_QUANT_TYPE PONDER_FLOAT_TYPE
#include "kernels/types/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE
void quantize(const float* x, std::size_t cols, ActivationBlock* out);
void addScaled(float a, const float* x, std::size_t n, float* y);
void siluMul(const float* gate, const float* up, std::size_t n, float* y);
void clampedSwiGlu(
    const float* gate, const float* up, std::size_t n, float alpha, float limit, float* y);
void softmax(float* x, std::size_t n);
void sigmoid(float* x, std::size_t n);
void rmsNorm(const float* x, const float* weight, float epsilon, std::size_t n, float* y);
void attentionSpan(const AttentionSpan& s);
std::uint64_t readBytes(const std::byte* data, std::size_t bytes);

} // namespace ponder::kernels::reference
