#pragma once

#include "kernels/cpu/quant/formats/gather_simd.h"

namespace ponder::kernels::PONDER_SIMD {

struct Q6_K {
    static constexpr std::size_t kCols = 256;
    static constexpr std::size_t kBytes = 210;
    static constexpr bool kTwoScales = true;
    static constexpr int kMins = 0;
    static constexpr bool kSigned = false;
    static constexpr int kOffset = 32;

    /// Bits 2 g and 2 g + 1 of each byte to bits 4 and 5, the others zero.
    template <int g> PONDER_INLINE Int upperBits(Int high)
    {
        if constexpr (g <= 2) {
            return bitAnd(shiftLeft<4 - 2 * g>(high), byteSet(48));
        } else {
            return bitAnd(shiftRight<2>(high), byteSet(48));
        }
    }

    /// Scale j of 16, one byte each, times d.
    template <int j> PONDER_INLINE Float scale(Float d, const Int words[4])
    {
        return mul(d, toFloat(signedByte(shiftRight<8 * (j % 4)>(words[j / 4]))));
    }

    template <typename Sink>
    PONDER_INLINE void block(Bytes p, std::size_t stride, std::size_t group, Sink& sink)
    {
        const Float d = gatherHalves(p + 208, stride);
        Int scales[4];
        loadChunk(p + 192, stride, scales);
        each<2>([&](auto half) PONDER_UNROLLED {
            constexpr int h = half.value;
            Int low[16];
            Int high[8];
            loadChunk(p + 64 * h, stride, low);
            loadChunk(p + 64 * h + 16, stride, low + 4);
            loadChunk(p + 64 * h + 32, stride, low + 8);
            loadChunk(p + 64 * h + 48, stride, low + 12);
            loadChunk(p + 128 + 32 * h, stride, high);
            loadChunk(p + 144 + 32 * h, stride, high + 4);
            each<4>([&](auto quarter) PONDER_UNROLLED {
                constexpr int g = quarter.value;
                Int w[8];
                for (int i = 0; i < 8; ++i) {
                    const Int nibble = shiftRight<g / 2 * 4>(low[g % 2 * 8 + i]);
                    w[i] = bitOr(bitAnd(nibble, byteSet(15)), upperBits<g>(high[i]));
                }
                constexpr int j = 8 * h + 2 * g;
                const Float first = scale<j>(d, scales);
                const Float second = scale<j + 1>(d, scales);
                sink.group(group + 4 * h + g, w, twoScales(first, second));
            });
        });
    }

    PONDER_INLINE RowGroup row(Bytes p, int g)
    {
        const Bytes low = p + g / 4 * 64 + g % 2 * 32;
        const Bytes high = p + 128 + g / 4 * 32;
        const __m256i four = _mm256_and_si256(
            _mm256_srl_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(low)),
                _mm_cvtsi32_si128(g % 4 / 2 * 4)),
            _mm256_set1_epi8(15));
        const __m256i two = _mm256_and_si256(
            _mm256_srl_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(high)),
                _mm_cvtsi32_si128(g % 4 * 2)),
            _mm256_set1_epi8(3));
        const __m256i q = _mm256_or_si256(four, _mm256_slli_epi16(two, 4));
        const auto* scales = reinterpret_cast<const std::int8_t*>(p + 192 + 2 * g);
        const float d = halfAt(p + 208);
        return {_mm256_sub_epi8(q, _mm256_set1_epi8(32)), d * static_cast<float>(scales[0]),
            d * static_cast<float>(scales[1]), 0};
    }
};

} // namespace ponder::kernels::PONDER_SIMD
