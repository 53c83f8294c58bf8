#pragma once

#include "kernels/cpu/quant/formats/gather_simd.h"

namespace ponder::kernels::PONDER_SIMD {

struct Q5_0 {
    static constexpr std::size_t kCols = 32;
    static constexpr std::size_t kBytes = 22;
    static constexpr bool kTwoScales = false;
    static constexpr int kMins = 0;
    static constexpr bool kSigned = false;
    static constexpr int kOffset = 16;

    template <typename Sink>
    PONDER_INLINE void block(Bytes p, std::size_t stride, std::size_t group, Sink& sink)
    {
        const Float d = gatherHalves(p, stride);
        const Int high = gatherWords(p + 2, stride);
        Int q[4];
        loadChunk(p + 6, stride, q);
        Int w[8];
        for (int i = 0; i < 4; ++i) {
            w[i] = bitAnd(q[i], byteSet(15));
            w[i + 4] = bitAnd(shiftRight<4>(q[i]), byteSet(15));
        }
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
        sink.group(group, w, oneScale(d));
    }

    PONDER_INLINE RowGroup row(Bytes p, int)
    {
        std::int32_t high;
        __builtin_memcpy(&high, p + 2, sizeof high);
        // Byte i gets the byte with its bit, then only that bit.
        const __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32(high),
            _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303));
        const __m256i own = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201u));
        const __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, own), own);
        const __m256i low = _mm256_and_si256(twiceShifted(p + 6), _mm256_set1_epi8(15));
        const __m256i q = _mm256_or_si256(low, _mm256_and_si256(set, _mm256_set1_epi8(16)));
        const float d = halfAt(p);
        return {_mm256_sub_epi8(q, _mm256_set1_epi8(16)), d, d, 0};
    }
};

} // namespace ponder::kernels::PONDER_SIMD
