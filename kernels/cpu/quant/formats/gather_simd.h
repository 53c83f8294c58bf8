#pragma once

#include "kernels/cpu/simd/each.h"

// What every format's *_simd.h is made of. A format is a structure with
//   kCols, kBytes      of a block
//   kTwoScales         a scale for every 16 weights, not for 32
//   kMins              minimums: none, one for 32 weights, or 2, one for each 16
//   kSigned            block() gives signed weights, turned over by flipSigned()
//   kOffset            what the weights that block() gives are too large by; 0 where there are minimums
//   block()            hands the block of kRows rows to sink.group(), group by group, one row a lane:
//                      8 vectors of 4 weights a row, and their scales. Weights are 0 .. 129
//   row()              group g of one row's block, its weights in order; may be left out, where rows of
//                      this format are not worth much code

namespace ponder::kernels::PONDER_SIMD {

/// Scales and minimums of a group, for the first 16 and the second 16 weights where there are two.
struct GroupScales {
    Float first;
    Float second;
    Float min;
    Float secondMin;
};

PONDER_INLINE GroupScales oneScale(Float d)
{
    return {d, d, d, d};
}
PONDER_INLINE GroupScales scaleAndMin(Float d, Float min)
{
    return {d, d, min, min};
}
PONDER_INLINE GroupScales twoScales(Float first, Float second)
{
    return {first, second, first, second};
}

/// The half at p of each row, as floats.
PONDER_INLINE Float gatherHalves(Bytes p, std::size_t stride)
{
    alignas(64) std::uint16_t halves[kRows];
    for (int r = 0; r < kRows; ++r) {
        __builtin_memcpy(&halves[r], p + static_cast<std::size_t>(r) * stride, sizeof halves[r]);
    }
    return halvesLoad(halves);
}

/// The 32-bit word at p of each row.
PONDER_INLINE Int gatherWords(Bytes p, std::size_t stride)
{
    alignas(64) std::uint32_t words[kRows];
    for (int r = 0; r < kRows; ++r) {
        __builtin_memcpy(&words[r], p + static_cast<std::size_t>(r) * stride, sizeof words[r]);
    }
    return intLoad(words);
}

PONDER_INLINE Float negative(Float a)
{
    return asFloat(bitXor(asInt(a), intSet(static_cast<std::int32_t>(0x80000000u))));
}

/// 32 weights of each row in 16 bytes: the low halves of the bytes, then the high ones.
PONDER_INLINE void loadHalves(Bytes p, std::size_t stride, Int w[8])
{
    Int q[4];
    loadChunk(p, stride, q);
    for (int i = 0; i < 4; ++i) {
        w[i] = bitAnd(q[i], byteSet(15));
        w[i + 4] = bitAnd(shiftRight<4>(q[i]), byteSet(15));
    }
}

/// 32 weights of one row: w[i] = scale * q[i] - min, with the second scale from 16 on.
struct RowGroup {
    __m256i q; // signed bytes
    float first;
    float second;
    float min;
};

PONDER_INLINE float halfAt(Bytes p)
{
    std::uint16_t bits;
    __builtin_memcpy(&bits, p, sizeof bits);
    return _cvtsh_ss(bits);
}

/// 16 bytes as they are, then the same with the upper halves of bytes moved down.
PONDER_INLINE __m256i twiceShifted(Bytes p)
{
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    return _mm256_inserti128_si256(_mm256_castsi128_si256(bytes), _mm_srli_epi16(bytes, 4), 1);
}

} // namespace ponder::kernels::PONDER_SIMD
