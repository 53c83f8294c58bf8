#pragma once

// The products of every type, for the variant whose vectors were included before.

#include "kernels/cpu/matmul/float_simd.h"
#include "kernels/cpu/matmul/quantised_simd.h"
#include "kernels/cpu/quant/formats/all_simd.h"

namespace ponder::kernels::PONDER_SIMD {

#define PONDER_FLOAT_TYPE(name, id, weights, bytes)                                                \
    void rows##name(const RowsProduct& p)                                                          \
    {                                                                                              \
        floatRows<name>(p);                                                                        \
    }
#define PONDER_QUANT_TYPE(name, id, weights, bytes)                                                \
    static_assert(name::kCols == weights && name::kBytes == bytes);                                \
    void rows##name(const RowsProduct& p)                                                          \
    {                                                                                              \
        quantisedRows<name>(p);                                                                    \
    }
#include "kernels/cpu/quant/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE

std::size_t rowsScratchBytes(std::size_t rowSize, std::size_t cols)
{
    return scratchBytes(rowSize, cols);
}

} // namespace ponder::kernels::PONDER_SIMD
