#pragma once

// Weights that are looked up: eight or four at a point of a grid, with signs beside it.

#include "kernels/cpu/quant/formats/gather_simd.h"
#include "kernels/types/grids.h"

namespace ponder::kernels::PONDER_SIMD {

/// Four times seven signs, one set in each byte, made eight: an even number of weights is negative.
PONDER_INLINE Int evenSigns(Int seven)
{
    alignas(16) static constexpr std::int8_t kOdd[16]
        = {0, -128, -128, 0, -128, 0, 0, -128, -128, 0, 0, -128, 0, -128, -128, 0};
    const Int low = lookup(kOdd, bitAnd(seven, byteSet(15)));
    const Int high = lookup(kOdd, bitAnd(shiftRight<4>(seven), byteSet(15)));
    return bitOr(seven, bitXor(low, high));
}

/// The low 28 bits of a word, seven for each byte.
PONDER_INLINE Int sevenEach(Int word)
{
    const Int first = bitOr(bitAnd(word, intSet(0x7F)), bitAnd(shiftLeft<1>(word), intSet(0x7F00)));
    const Int second = bitOr(bitAnd(shiftLeft<2>(word), intSet(0x7F0000)),
        bitAnd(shiftLeft<3>(word), intSet(0x7F000000)));
    return bitOr(first, second);
}

/// Vectors 2 octet and 2 octet + 1 of a group, negative where byte octet of signs has a bit, and offset
/// added.
template <int octet> PONDER_INLINE void applySigns(Int w[8], Int signs, std::uint8_t offset)
{
    const Int eight = repeatByte<octet>(signs);
    w[2 * octet] = byteAdd(negateWhere(w[2 * octet], eight, intSet(0x08040201)), byteSet(offset));
    w[2 * octet + 1] = byteAdd(
        negateWhere(w[2 * octet + 1], eight, intSet(static_cast<std::int32_t>(0x80402010u))),
        byteSet(offset));
}

/// d * (scale + 1/2) * part
PONDER_INLINE Float halfStepScale(Float d, Int scale, float part)
{
    return mul(mul(d, add(toFloat(scale), floatSet(0.5f))), floatSet(part));
}

} // namespace ponder::kernels::PONDER_SIMD
