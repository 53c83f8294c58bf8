#pragma once

// Products with formats in blocks of 256 weights with scales for each 16 or 32.

#include "kernels/cpu/matmul/quantised_simd.h"
#include "kernels/cpu/quant/formats/q4_k_simd.h"
#include "kernels/cpu/quant/formats/q5_k_simd.h"
#include "kernels/cpu/quant/formats/q6_k_simd.h"

namespace ponder::kernels::PONDER_SIMD {

void rowsQ4_K(const RowsProduct& p)
{
    quantisedRows<Q4_K>(p);
}
void rowsQ5_K(const RowsProduct& p)
{
    quantisedRows<Q5_K>(p);
}
void rowsQ6_K(const RowsProduct& p)
{
    quantisedRows<Q6_K>(p);
}

} // namespace ponder::kernels::PONDER_SIMD
