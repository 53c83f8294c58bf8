#pragma once

#include "kernels/cpu/quant/formats/gather_simd.h"
#include "kernels/cpu/quant/formats/levels.h"

namespace ponder::kernels::PONDER_SIMD {

/// 32 weights of each row in 16 bytes, the low halves first, as signed levels.
PONDER_INLINE void toIq4Levels(const Int q[4], Int w[8])
{
    for (int i = 0; i < 4; ++i) {
        w[i] = flipSigned(lookup(kIq4Levels, bitAnd(q[i], byteSet(15))));
        w[i + 4] = flipSigned(lookup(kIq4Levels, bitAnd(shiftRight<4>(q[i]), byteSet(15))));
    }
}

/// The same of one row, from any table.
PONDER_INLINE __m256i rowLevels(const std::int8_t table[16], Bytes p)
{
    const __m128i all = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table));
    return _mm256_shuffle_epi8(
        _mm256_broadcastsi128_si256(all), _mm256_and_si256(twiceShifted(p), _mm256_set1_epi8(15)));
}

} // namespace ponder::kernels::PONDER_SIMD
