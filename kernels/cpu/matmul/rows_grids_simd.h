#pragma once

// Products with formats whose weights are points of a grid.

#include "kernels/cpu/matmul/quantised_simd.h"
#include "kernels/cpu/quant/formats/iq1_m_simd.h"
#include "kernels/cpu/quant/formats/iq1_s_simd.h"
#include "kernels/cpu/quant/formats/iq2_s_simd.h"
#include "kernels/cpu/quant/formats/iq2_xs_simd.h"
#include "kernels/cpu/quant/formats/iq2_xxs_simd.h"
#include "kernels/cpu/quant/formats/iq3_s_simd.h"
#include "kernels/cpu/quant/formats/iq3_xxs_simd.h"

namespace ponder::kernels::PONDER_SIMD {

void rowsIQ1_S(const RowsProduct& p)
{
    quantisedRows<IQ1_S>(p);
}
void rowsIQ1_M(const RowsProduct& p)
{
    quantisedRows<IQ1_M>(p);
}
void rowsIQ2_XXS(const RowsProduct& p)
{
    quantisedRows<IQ2_XXS>(p);
}
void rowsIQ2_XS(const RowsProduct& p)
{
    quantisedRows<IQ2_XS>(p);
}
void rowsIQ2_S(const RowsProduct& p)
{
    quantisedRows<IQ2_S>(p);
}
void rowsIQ3_XXS(const RowsProduct& p)
{
    quantisedRows<IQ3_XXS>(p);
}
void rowsIQ3_S(const RowsProduct& p)
{
    quantisedRows<IQ3_S>(p);
}

} // namespace ponder::kernels::PONDER_SIMD
