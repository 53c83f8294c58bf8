#pragma once

#include "kernels/cpu/quant/formats/iq1_simd.h"

namespace ponder::kernels::PONDER_SIMD {

struct IQ1_M {
    static constexpr std::size_t kCols = 256;
    static constexpr std::size_t kBytes = 56;
    static constexpr bool kTwoScales = true;
    static constexpr int kMins = 0;
    static constexpr bool kSigned = false;
    static constexpr int kOffset = 9;

    template <typename Sink>
    PONDER_INLINE void block(Bytes p, std::size_t stride, std::size_t group, Sink& sink)
    {
        const Int scales[] = {gatherWords(p + 48, stride), gatherWords(p + 52, stride)};
        const Float d = halfToFloat(bitOr(quarters(scales[0]), shiftLeft<8>(quarters(scales[1]))));
        Int highs[4];
        loadChunk(p + 32, stride, highs);
        each<2>([&](auto half) PONDER_UNROLLED {
            Int points[4];
            loadChunk(p + 16 * half.value, stride, points);
            each<4>([&](auto i) PONDER_UNROLLED {
                constexpr int g = 4 * half.value + i.value;
                const Int high = shiftRight<16 * (g % 2)>(highs[g / 2]);
                Int w[8];
                each<4>([&](auto l) PONDER_UNROLLED {
                    const Int low = bitAnd(shiftRight<8 * l.value>(points[i.value]), intSet(255));
                    const Int four = shiftRight<4 * l.value>(high);
                    const Int three = bitAnd(shiftLeft<8>(four), intSet(0x700));
                    iq1Points(bitOr(low, three), four, w + 2 * l.value);
                });
                constexpr int at = 16 * (g / 2 % 2) + 6 * (g % 2);
                const Int first = bitAnd(shiftRight<at>(scales[g / 4]), intSet(7));
                const Int second = bitAnd(shiftRight<at + 3>(scales[g / 4]), intSet(7));
                sink.group(group + g, w, twoScales(iq1Scale(d, first), iq1Scale(d, second)));
            });
        });
    }

private:
    /// Bits 12-15 and 28-31, side by side.
    PONDER_INLINE Int quarters(Int word)
    {
        return bitOr(
            bitAnd(shiftRight<12>(word), intSet(15)), bitAnd(shiftRight<24>(word), intSet(0xF0)));
    }
};

} // namespace ponder::kernels::PONDER_SIMD
