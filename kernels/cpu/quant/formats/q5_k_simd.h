#pragma once

#include "kernels/cpu/quant/formats/k_scales_simd.h"

namespace ponder::kernels::PONDER_SIMD {

struct Q5_K {
    static constexpr std::size_t kCols = 256;
    static constexpr std::size_t kBytes = 176;
    static constexpr bool kTwoScales = false;
    static constexpr int kMins = 1;
    static constexpr bool kSigned = false;
    static constexpr int kOffset = 0;

    /// Bit j of each byte to bit 4, the others zero.
    template <int j> PONDER_INLINE Int fifthBit(Int high)
    {
        if constexpr (j <= 4) {
            return bitAnd(shiftLeft<4 - j>(high), byteSet(16));
        } else {
            return bitAnd(shiftRight<j - 4>(high), byteSet(16));
        }
    }

    template <typename Sink>
    PONDER_INLINE void block(Bytes p, std::size_t stride, std::size_t group, Sink& sink)
    {
        const KScales scales = KScales::load(p, stride);
        Int high[8];
        loadChunk(p + 16, stride, high);
        loadChunk(p + 32, stride, high + 4);
        each<4>([&](auto pair) PONDER_UNROLLED {
            constexpr int j = 2 * pair.value;
            Int q[8];
            loadChunk(p + 48 + 16 * j, stride, q);
            loadChunk(p + 64 + 16 * j, stride, q + 4);
            Int w[8];
            for (int i = 0; i < 8; ++i) {
                w[i] = bitOr(bitAnd(q[i], byteSet(15)), fifthBit<j>(high[i]));
            }
            const Float first = scales.template scale<j>();
            sink.group(group + j, w, scaleAndMin(first, scales.template min<j>()));
            for (int i = 0; i < 8; ++i) {
                w[i] = bitOr(bitAnd(shiftRight<4>(q[i]), byteSet(15)), fifthBit<j + 1>(high[i]));
            }
            const Float second = scales.template scale<j + 1>();
            sink.group(group + j + 1, w, scaleAndMin(second, scales.template min<j + 1>()));
        });
    }

    PONDER_INLINE RowGroup row(Bytes p, int g)
    {
        const __m256i bytes
            = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 48 + g / 2 * 32));
        const __m256i fifth = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 16));
        const __m256i low = _mm256_and_si256(
            _mm256_srl_epi16(bytes, _mm_cvtsi32_si128(g % 2 * 4)), _mm256_set1_epi8(15));
        const __m256i bit
            = _mm256_and_si256(_mm256_srl_epi16(fifth, _mm_cvtsi32_si128(g)), _mm256_set1_epi8(1));
        const KRowScale s = kRowScale(p, g);
        return {_mm256_or_si256(low, _mm256_slli_epi16(bit, 4)), s.scale, s.scale, s.min};
    }
};

} // namespace ponder::kernels::PONDER_SIMD
