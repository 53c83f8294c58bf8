#pragma once

#include "kernels/cpu/quant/formats/k_scales_simd.h"

namespace ponder::kernels::PONDER_SIMD {

struct Q4_K {
    static constexpr std::size_t kCols = 256;
    static constexpr std::size_t kBytes = 144;
    static constexpr bool kTwoScales = false;
    static constexpr int kMins = 1;
    static constexpr bool kSigned = false;
    static constexpr int kOffset = 0;

    template <typename Sink>
    PONDER_INLINE void block(Bytes p, std::size_t stride, std::size_t group, Sink& sink)
    {
        const KScales scales = KScales::load(p, stride);
        each<4>([&](auto pair) PONDER_UNROLLED {
            constexpr int j = 2 * pair.value;
            Int q[8];
            loadChunk(p + 16 + 16 * j, stride, q);
            loadChunk(p + 32 + 16 * j, stride, q + 4);
            Int w[8];
            for (int i = 0; i < 8; ++i) {
                w[i] = bitAnd(q[i], byteSet(15));
            }
            const Float low = scales.template scale<j>();
            sink.group(group + j, w, scaleAndMin(low, scales.template min<j>()));
            for (int i = 0; i < 8; ++i) {
                w[i] = bitAnd(shiftRight<4>(q[i]), byteSet(15));
            }
            const Float high = scales.template scale<j + 1>();
            sink.group(group + j + 1, w, scaleAndMin(high, scales.template min<j + 1>()));
        });
    }

    PONDER_INLINE RowGroup row(Bytes p, int g)
    {
        const __m256i bytes
            = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 16 + g / 2 * 32));
        const __m256i q = _mm256_srl_epi16(bytes, _mm_cvtsi32_si128(g % 2 * 4));
        const KRowScale s = kRowScale(p, g);
        return {_mm256_and_si256(q, _mm256_set1_epi8(15)), s.scale, s.scale, s.min};
    }
};

} // namespace ponder::kernels::PONDER_SIMD
