#pragma once

#include "kernels/cpu/quant/formats/iq1_simd.h"

namespace ponder::kernels::PONDER_SIMD {

struct IQ1_S {
    static constexpr std::size_t kCols = 256;
    static constexpr std::size_t kBytes = 50;
    static constexpr bool kTwoScales = false;
    static constexpr int kMins = 0;
    static constexpr bool kSigned = false;
    static constexpr int kOffset = 9;

    template <typename Sink>
    PONDER_INLINE void block(Bytes p, std::size_t stride, std::size_t group, Sink& sink)
    {
        const Float d = gatherHalves(p, stride);
        Int highs[4];
        loadChunk(p + 34, stride, highs);
        each<2>([&](auto half) PONDER_UNROLLED {
            Int points[4];
            loadChunk(p + 2 + 16 * half.value, stride, points);
            each<4>([&](auto i) PONDER_UNROLLED {
                constexpr int g = 4 * half.value + i.value;
                const Int high = shiftRight<16 * (g % 2)>(highs[g / 2]);
                const Int less = shiftRight<12>(high);
                Int w[8];
                each<4>([&](auto l) PONDER_UNROLLED {
                    const Int low = bitAnd(shiftRight<8 * l.value>(points[i.value]), intSet(255));
                    const Int three
                        = bitAnd(shiftLeft<8>(shiftRight<3 * l.value>(high)), intSet(0x700));
                    iq1Points(bitOr(low, three), less, w + 2 * l.value);
                });
                sink.group(group + g, w, oneScale(iq1Scale(d, bitAnd(less, intSet(7)))));
            });
        });
    }
};

} // namespace ponder::kernels::PONDER_SIMD
