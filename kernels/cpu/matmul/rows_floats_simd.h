#pragma once

// Products with floats, and what all kinds of products need.

#include "kernels/cpu/matmul/float_simd.h"
#include "kernels/cpu/matmul/panel_shape_simd.h"

namespace ponder::kernels::PONDER_SIMD {

void rowsF32(const RowsProduct& p)
{
    floatRows<F32>(p);
}
void rowsF16(const RowsProduct& p)
{
    floatRows<F16>(p);
}
void rowsBF16(const RowsProduct& p)
{
    floatRows<BF16>(p);
}
void rowsF8_E4M3(const RowsProduct& p)
{
    floatRows<F8_E4M3>(p);
}

/// Enough for every format: a copy of kRows rows, and panels.
std::size_t rowsScratchBytes(std::size_t rowSize, std::size_t cols)
{
    const std::size_t panel = cols / 32 * kMaxGroupBytes;
    return (static_cast<std::size_t>(kRows) * rowSize + 63) / 64 * 64
        + (panel > kPanelBudget ? panel : kPanelBudget);
}

} // namespace ponder::kernels::PONDER_SIMD
