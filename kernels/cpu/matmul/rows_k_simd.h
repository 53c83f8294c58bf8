#pragma once

// Products with formats in blocks of 256 weights that are computed, not looked up.

#include "kernels/cpu/matmul/quantised_simd.h"
#include "kernels/cpu/quant/formats/iq4_xs_simd.h"
#include "kernels/cpu/quant/formats/q2_k_simd.h"
#include "kernels/cpu/quant/formats/q3_k_simd.h"
#include "kernels/cpu/quant/formats/q4_k_simd.h"
#include "kernels/cpu/quant/formats/q5_k_simd.h"
#include "kernels/cpu/quant/formats/q6_k_simd.h"
#include "kernels/cpu/quant/formats/tq1_0_simd.h"
#include "kernels/cpu/quant/formats/tq2_0_simd.h"

namespace ponder::kernels::PONDER_SIMD {

void rowsQ2_K(const RowsProduct& p)
{
    quantisedRows<Q2_K>(p);
}
void rowsQ3_K(const RowsProduct& p)
{
    quantisedRows<Q3_K>(p);
}
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
void rowsIQ4_XS(const RowsProduct& p)
{
    quantisedRows<IQ4_XS>(p);
}
void rowsTQ1_0(const RowsProduct& p)
{
    quantisedRows<TQ1_0>(p);
}
void rowsTQ2_0(const RowsProduct& p)
{
    quantisedRows<TQ2_0>(p);
}

} // namespace ponder::kernels::PONDER_SIMD
