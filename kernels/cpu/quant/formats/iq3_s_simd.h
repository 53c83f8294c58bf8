#pragma once

#include "kernels/cpu/quant/formats/grids_simd.h"

namespace ponder::kernels::PONDER_SIMD {

struct IQ3_S {
    static constexpr std::size_t kCols = 256;
    static constexpr std::size_t kBytes = 110;
    static constexpr bool kTwoScales = false;
    static constexpr int kMins = 0;
    static constexpr bool kSigned = false;
    static constexpr int kOffset = 15;

    template <typename Sink>
    PONDER_INLINE void block(Bytes p, std::size_t stride, std::size_t group, Sink& sink)
    {
        const Float d = gatherHalves(p, stride);
        const Int scales = gatherWords(p + 106, stride);
        each<2>([&](auto half) PONDER_UNROLLED {
            Int points[8];
            Int signs[4];
            loadChunk(p + 2 + 32 * half.value, stride, points);
            loadChunk(p + 18 + 32 * half.value, stride, points + 4);
            loadChunk(p + 74 + 16 * half.value, stride, signs);
            const Int high = gatherWords(p + 66 + 4 * half.value, stride);
            each<4>([&](auto g) PONDER_UNROLLED {
                const Int ninth = shiftRight<8 * g.value>(high);
                Int w[8];
                each<8>([&](auto i) PONDER_UNROLLED {
                    const Int four = points[2 * g.value + i.value / 4];
                    const Int low = bitAnd(shiftRight<8 * (i.value % 4)>(four), intSet(255));
                    const Int bit = bitAnd(shiftLeft<8 - i.value>(ninth), intSet(256));
                    w[i.value] = gather(kIq3SGrid.points, bitOr(low, bit));
                });
                each<4>([&](auto l)
                            PONDER_UNROLLED { applySigns<l.value>(w, signs[g.value], kOffset); });
                const Int four
                    = bitAnd(shiftRight<4 * (4 * half.value + g.value)>(scales), intSet(15));
                const Int odd = bitOr(shiftLeft<1>(four), intSet(1));
                sink.group(group + 4 * half.value + g.value, w, oneScale(mul(d, toFloat(odd))));
            });
        });
    }
};

} // namespace ponder::kernels::PONDER_SIMD
