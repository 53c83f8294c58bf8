#pragma once

#include "kernels/cpu/quant/formats/fifth_bits_simd.h"

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
        Int w[8];
        loadHalves(p + 6, stride, w);
        addFifthBits(gatherWords(p + 2, stride), w);
        sink.group(group, w, oneScale(d));
    }

    PONDER_INLINE RowGroup row(Bytes p, int)
    {
        const float d = halfAt(p);
        return {_mm256_sub_epi8(fiveBits(p + 2, p + 6), _mm256_set1_epi8(16)), d, d, 0};
    }
};

} // namespace ponder::kernels::PONDER_SIMD
