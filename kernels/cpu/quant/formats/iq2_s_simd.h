#pragma once

#include "kernels/cpu/quant/formats/grids_simd.h"

namespace ponder::kernels::PONDER_SIMD {

struct IQ2_S {
    static constexpr std::size_t kCols = 256;
    static constexpr std::size_t kBytes = 82;
    static constexpr bool kTwoScales = true;
    static constexpr int kMins = 0;
    static constexpr bool kSigned = false;
    static constexpr int kOffset = 43;

    template <typename Sink>
    PONDER_INLINE void block(Bytes p, std::size_t stride, std::size_t group, Sink& sink)
    {
        const Float d = gatherHalves(p, stride);
        each<2>([&](auto half) PONDER_UNROLLED {
            Int points[4];
            Int signs[4];
            loadChunk(p + 2 + 16 * half.value, stride, points);
            loadChunk(p + 34 + 16 * half.value, stride, signs);
            const Int high = gatherWords(p + 66 + 4 * half.value, stride);
            const Int scales = gatherWords(p + 74 + 4 * half.value, stride);
            each<4>([&](auto g) PONDER_UNROLLED {
                const Int upper = shiftRight<8 * g.value>(high);
                Int w[8];
                each<4>([&](auto l) PONDER_UNROLLED {
                    const Int low = bitAnd(shiftRight<8 * l.value>(points[g.value]), intSet(255));
                    const Int two = bitAnd(shiftLeft<8 - 2 * l.value>(upper), intSet(0x300));
                    gatherPairs(kIq2SGrid.points, bitOr(low, two), w + 2 * l.value);
                    applySigns<l.value>(w, signs[g.value], kOffset);
                });
                const Int first = bitAnd(shiftRight<8 * g.value>(scales), intSet(15));
                const Int second = bitAnd(shiftRight<8 * g.value + 4>(scales), intSet(15));
                sink.group(group + 4 * half.value + g.value, w,
                    twoScales(halfStepScale(d, first, 0.25f), halfStepScale(d, second, 0.25f)));
            });
        });
    }
};

} // namespace ponder::kernels::PONDER_SIMD
