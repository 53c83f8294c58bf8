#pragma once

// The table of the variant whose vectors were included before, and all its kernels but the
// products with weights, which are a source of their own.

#include "kernels/cpu/dispatch/kernel_table.h"
#include "kernels/cpu/dispatch/reference.h"

#include "kernels/cpu/attention/span_simd.h"
#include "kernels/cpu/bandwidth/bandwidth_simd.h"
#include "kernels/cpu/elementwise/elementwise_simd.h"
#include "kernels/cpu/norm/rms_norm_simd.h"
#include "kernels/cpu/quant/quant_simd.h"

namespace ponder::kernels::PONDER_SIMD {

#define PONDER_FLOAT_TYPE(name, id, weights, bytes) void rows##name(const RowsProduct& p);
#define PONDER_QUANT_TYPE(name, id, weights, bytes)                                                \
    static_assert(name::kCols == weights && name::kBytes == bytes);                                \
    void rows##name(const RowsProduct& p);
#include "kernels/types/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE

std::size_t rowsScratchBytes(std::size_t rowSize, std::size_t cols);

/// Formats that do not unpack single rows themselves leave that to the plain kernels.
template <typename Format, typename Plain> static constexpr auto rowsOf(Plain* plain)
{
    if constexpr (requires { &Format::row; }) {
        return dequantizeQuantised<Format>;
    } else {
        return plain;
    }
}

static constexpr KernelTable table()
{
    KernelTable t{};
    t.tileRows = kRows;
    t.scratchBytes = rowsScratchBytes;
    std::size_t i = 0;
#define PONDER_FLOAT_TYPE(name, id, weights, bytes)                                                \
    t.rows[i] = rows##name;                                                                        \
    t.dequantizeRow[i++] = dequantize##name;
#define PONDER_QUANT_TYPE(name, id, weights, bytes)                                                \
    t.rows[i] = rows##name;                                                                        \
    t.dequantizeRow[i++] = rowsOf<name>(reference::dequantize##name);
#include "kernels/types/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE
    t.quantize = quantize;
    t.addScaled = addScaled;
    t.siluMul = siluMul;
    t.clampedSwiGlu = clampedSwiGlu;
    t.softmax = softmax;
    t.sigmoid = sigmoid;
    t.rmsNorm = rmsNorm;
    t.attentionSpan = attentionSpan;
    t.readBytes = readBytes;
    return t;
}

} // namespace ponder::kernels::PONDER_SIMD
