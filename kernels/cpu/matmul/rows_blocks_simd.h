#pragma once

// Products with formats in blocks of 32 weights.

#include "kernels/cpu/matmul/quantised_simd.h"
#include "kernels/cpu/quant/formats/q4_0_simd.h"
#include "kernels/cpu/quant/formats/q5_0_simd.h"
#include "kernels/cpu/quant/formats/q8_0_simd.h"

namespace ponder::kernels::PONDER_SIMD {

void rowsQ4_0(const RowsProduct& p)
{
    quantisedRows<Q4_0>(p);
}
void rowsQ5_0(const RowsProduct& p)
{
    quantisedRows<Q5_0>(p);
}
void rowsQ8_0(const RowsProduct& p)
{
    quantisedRows<Q8_0>(p);
}

} // namespace ponder::kernels::PONDER_SIMD
