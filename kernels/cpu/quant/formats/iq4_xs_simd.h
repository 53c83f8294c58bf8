#pragma once

#include "kernels/cpu/quant/formats/levels_simd.h"

namespace ponder::kernels::PONDER_SIMD {

struct IQ4_XS {
    static constexpr std::size_t kCols = 256;
    static constexpr std::size_t kBytes = 136;
    static constexpr bool kTwoScales = false;
    static constexpr int kMins = 0;
    static constexpr bool kSigned = true;
    static constexpr int kOffset = 0;

    template <typename Sink>
    PONDER_INLINE void block(Bytes p, std::size_t stride, std::size_t group, Sink& sink)
    {
        const Int head = gatherWords(p, stride);
        const Float d = halfToFloat(head);
        const Int low = gatherWords(p + 4, stride);
        each<8>([&](auto g) PONDER_UNROLLED {
            Int q[4];
            loadChunk(p + 8 + 16 * g.value, stride, q);
            Int w[8];
            toIq4Levels(q, w);
            const Int four = bitAnd(shiftRight<4 * g.value>(low), intSet(15));
            const Int two = bitAnd(shiftRight<16 + 2 * g.value>(head), intSet(3));
            const Int six = bitOr(four, shiftLeft<4>(two));
            sink.group(group + g.value, w, oneScale(mul(d, toFloat(intAdd(six, intSet(-32))))));
        });
    }

    PONDER_INLINE RowGroup row(Bytes p, int g)
    {
        const int low = (p[4 + g / 2] >> (g % 2 * 4)) & 15;
        const int high = (p[2 + g / 4] >> (g % 4 * 2)) & 3;
        const float d = halfAt(p) * static_cast<float>((low | high << 4) - 32);
        return {rowLevels(kIq4Levels, p + 8 + 16 * g), d, d, 0};
    }
};

} // namespace ponder::kernels::PONDER_SIMD
