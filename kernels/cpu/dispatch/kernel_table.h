#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/types/activation_block.h"

/// What a variant must provide. This header is all that the sources of an instruction set
/// share with the rest, so it holds plain structures and no inline function: an inline function
/// would be compiled with every set's flags, and the linker might keep the wrong one.
namespace ponder::kernels {

inline constexpr std::size_t kKernelTypes = 0 // kSupportedTypes; table_reference.cpp compares them
#define PONDER_FLOAT_TYPE(name, id, weights, bytes) +1
#define PONDER_QUANT_TYPE(name, id, weights, bytes) +1
#include "kernels/types/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE
    ;

/// Products of a few rows of weights with a few rows of activations:
/// y[t][yOffset + r] = sum over c of x[t][c] * w[r][c], r in [0, rows), t in [0, tokens).
struct RowsProduct {
    const std::byte* w; // [rows, cols] in the kernel's type
    std::size_t rowStride; // bytes
    std::size_t rows;
    std::size_t cols;
    const float*
        scales; // F8_E4M3: [.., scaleStride], that of (r, c) at (firstRow + r) / 128, c / 128
    std::size_t scaleStride;
    std::size_t firstRow;
    const ActivationBlock* const* blocks; // [tokens] -> [cols / 32]; quantised types
    const float* const* floats; // [tokens] -> [cols]; float types
    float* const* y; // [tokens] -> [yOffset + rows]
    std::size_t yOffset;
    std::size_t tokens;
    std::byte* scratch; // KernelTable::scratchBytes(), 64-byte aligned
};

/// Some query rows that share keys and values, a run of positions: the softmax of the scores is left
/// unnormalised, so that runs can be merged.
struct AttentionSpan {
    const float* q; // [rows, keyDim], rows qStride apart
    std::size_t qStride;
    const float* keys; // [positions, keyDim], rows keyStride apart
    std::size_t keyStride;
    const float* values; // [positions, valueDim], rows valueStride apart
    std::size_t valueStride;
    std::size_t rows;
    std::size_t positions; // 1 .. kAttentionSpan
    std::size_t keyDim;
    std::size_t valueDim;
    float scale;
    float* max; // [rows] largest score
    float* sum; // [rows] sum of exp(score - max)
    float* out; // [rows, valueDim] sum of exp(score - max) * value
    float* scores; // [rows, kAttentionSpan] scratch
};

inline constexpr std::size_t kAttentionSpan = 256;

struct KernelTable {
    std::size_t tileRows; // products are fastest with a multiple of this many rows
    std::size_t (*scratchBytes)(std::size_t rowBytes, std::size_t cols); // for a RowsProduct
    void (*rows[kKernelTypes])(const RowsProduct&); // by kernelIndex()
    /// scales: of the row, one for 128 columns; F8_E4M3 only
    void (*dequantizeRow[kKernelTypes])(
        const std::byte* row, const float* scales, std::size_t cols, float* out);
    void (*quantize)(
        const float* x, std::size_t cols, ActivationBlock* out); // cols: multiple of 32
    void (*addScaled)(float a, const float* x, std::size_t n, float* y); // y = fma(a, x, y)
    void (*siluMul)(const float* gate, const float* up, std::size_t n, float* y);
    void (*clampedSwiGlu)(
        const float* gate, const float* up, std::size_t n, float alpha, float limit, float* y);
    void (*softmax)(float* x, std::size_t n);
    void (*sigmoid)(float* x, std::size_t n);
    void (*rmsNorm)(const float* x, const float* weight, float epsilon, std::size_t n, float* y);
    void (*attentionSpan)(const AttentionSpan&);
    std::uint64_t (*readBytes)(const std::byte* data, std::size_t bytes); // touches every line
};

extern const KernelTable kReferenceKernels;
#if defined(PONDER_X86_VARIANTS)
extern const KernelTable kAvx2Kernels;
extern const KernelTable kAvx512Kernels;
#endif

} // namespace ponder::kernels
