#pragma once

// The fifth bits of Q5_0 and Q5_1: 32 of them in four bytes.

#include "kernels/cpu/quant/formats/gather_simd.h"

namespace ponder::kernels::PONDER_SIMD {

/// Adds them to the four bits of eight vectors of weights.
PONDER_INLINE void addFifthBits(Int high, Int w[8])
{
    // Byte b of a row's word holds the fifth bits of w[2 b] (low half) and w[2 b + 1]. Copied to all
    // four bytes, each keeps its own bit of the upper half, which is then brought to bit 4.
    const Int own = intSet(static_cast<std::int32_t>(0x80402010u));
    each<4>([&](auto b) PONDER_UNROLLED {
        const Int bits = repeatByte<b.value>(high);
        const Int even = bitAnd(shiftLeft<4>(bits), own);
        const Int odd = bitAnd(bits, own);
        w[2 * b.value] = bitOr(w[2 * b.value], byteMin(even, byteSet(16)));
        w[2 * b.value + 1] = bitOr(w[2 * b.value + 1], byteMin(odd, byteSet(16)));
    });
}

/// The 32 weights of one row: fifth bits at high, the others at low.
PONDER_INLINE __m256i fiveBits(Bytes high, Bytes low)
{
    std::int32_t word;
    __builtin_memcpy(&word, high, sizeof word);
    // Byte i gets the byte with its bit, then only that bit.
    const __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32(word),
        _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303));
    const __m256i own = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201u));
    const __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, own), own);
    const __m256i four = _mm256_and_si256(twiceShifted(low), _mm256_set1_epi8(15));
    return _mm256_or_si256(four, _mm256_and_si256(set, _mm256_set1_epi8(16)));
}

} // namespace ponder::kernels::PONDER_SIMD
