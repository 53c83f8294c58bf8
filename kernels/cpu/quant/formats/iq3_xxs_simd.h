#pragma once

#include "kernels/cpu/quant/formats/grids_simd.h"

namespace ponder::kernels::PONDER_SIMD {

struct IQ3_XXS {
    static constexpr std::size_t kCols = 256;
    static constexpr std::size_t kBytes = 98;
    static constexpr bool kTwoScales = false;
    static constexpr int kMins = 0;
    static constexpr bool kSigned = false;
    static constexpr int kOffset = 62;

    template <typename Sink>
    PONDER_INLINE void block(Bytes p, std::size_t stride, std::size_t group, Sink& sink)
    {
        const Float d = gatherHalves(p, stride);
        for (std::size_t half = 0; half < 2; ++half) {
            Int points[8];
            Int words[4];
            loadChunk(p + 2 + 32 * half, stride, points);
            loadChunk(p + 18 + 32 * half, stride, points + 4);
            loadChunk(p + 66 + 16 * half, stride, words);
            each<4>([&](auto g) PONDER_UNROLLED {
                const Int signs = evenSigns(sevenEach(words[g.value]));
                Int w[8];
                each<8>([&](auto i) PONDER_UNROLLED {
                    const Int four = points[2 * g.value + i.value / 4];
                    w[i.value] = gather(kIq3XxsGrid.points,
                        bitAnd(shiftRight<8 * (i.value % 4)>(four), intSet(255)));
                });
                each<4>([&](auto l) PONDER_UNROLLED { applySigns<l.value>(w, signs, kOffset); });
                const Float scale = halfStepScale(d, shiftRight<28>(words[g.value]), 0.5f);
                sink.group(group + 4 * half + g.value, w, oneScale(scale));
            });
        }
    }
};

} // namespace ponder::kernels::PONDER_SIMD
