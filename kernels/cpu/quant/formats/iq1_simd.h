#pragma once

#include "kernels/cpu/quant/formats/grids_simd.h"

namespace ponder::kernels::PONDER_SIMD {

/// Eight weights of IQ1_S or IQ1_M in eighths, 9 too large; bit 3 of less says: an eighth less.
PONDER_INLINE void iq1Points(Int index, Int less, Int out[2])
{
    // The grid is 8 too large; 2 more where it is an eighth more.
    const Int more = bitXor(bitAnd(shiftRight<2>(less), intSet(2)), intSet(2));
    gatherPairs(kIq1Grid.points, index, out);
    out[0] = byteAdd(out[0], repeatByte<0>(more));
    out[1] = byteAdd(out[1], repeatByte<0>(more));
}

/// d * (2 * scale + 1) / 8
PONDER_INLINE Float iq1Scale(Float d, Int scale)
{
    return mul(mul(d, toFloat(bitOr(shiftLeft<1>(scale), intSet(1)))), floatSet(0.125f));
}

} // namespace ponder::kernels::PONDER_SIMD
