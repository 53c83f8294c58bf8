#pragma once

#include "kernels/cpu/quant/formats/fifth_bits_simd.h"

namespace ponder::kernels::PONDER_SIMD {

struct Q5_1 {
    static constexpr std::size_t kCols = 32;
    static constexpr std::size_t kBytes = 24;
    static constexpr bool kTwoScales = false;
    static constexpr int kMins = 1;
    static constexpr bool kSigned = false;
    static constexpr int kOffset = 0;

    template <typename Sink>
    PONDER_INLINE void block(Bytes p, std::size_t stride, std::size_t group, Sink& sink)
    {
        const Int head = gatherWords(p, stride);
        Int w[8];
        loadHalves(p + 8, stride, w);
        addFifthBits(gatherWords(p + 4, stride), w);
        sink.group(
            group, w, scaleAndMin(halfToFloat(head), negative(halfToFloat(shiftRight<16>(head)))));
    }

    PONDER_INLINE RowGroup row(Bytes p, int)
    {
        const float d = halfAt(p);
        return {fiveBits(p + 4, p + 8), d, d, -halfAt(p + 2)};
    }
};

} // namespace ponder::kernels::PONDER_SIMD
