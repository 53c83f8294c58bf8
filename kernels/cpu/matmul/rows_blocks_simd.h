#pragma once

// Products with formats in blocks of 32 weights.

#include "kernels/cpu/matmul/quantised_simd.h"
#include "kernels/cpu/quant/formats/iq4_nl_simd.h"
#include "kernels/cpu/quant/formats/mxfp4_simd.h"
#include "kernels/cpu/quant/formats/q4_0_simd.h"
#include "kernels/cpu/quant/formats/q4_1_simd.h"
#include "kernels/cpu/quant/formats/q5_0_simd.h"
#include "kernels/cpu/quant/formats/q5_1_simd.h"
#include "kernels/cpu/quant/formats/q8_0_simd.h"

namespace ponder::kernels::PONDER_SIMD {

void rowsQ4_0(const RowsProduct& p)
{
    quantisedRows<Q4_0>(p);
}
void rowsQ4_1(const RowsProduct& p)
{
    quantisedRows<Q4_1>(p);
}
void rowsQ5_0(const RowsProduct& p)
{
    quantisedRows<Q5_0>(p);
}
void rowsQ5_1(const RowsProduct& p)
{
    quantisedRows<Q5_1>(p);
}
void rowsQ8_0(const RowsProduct& p)
{
    quantisedRows<Q8_0>(p);
}
void rowsIQ4_NL(const RowsProduct& p)
{
    quantisedRows<IQ4_NL>(p);
}
void rowsMXFP4(const RowsProduct& p)
{
    quantisedRows<MXFP4>(p);
}

} // namespace ponder::kernels::PONDER_SIMD
