#pragma once

#include "kernels/cpu/quant/formats/grids_simd.h"

namespace ponder::kernels::PONDER_SIMD {

struct IQ2_XXS {
    static constexpr std::size_t kCols = 256;
    static constexpr std::size_t kBytes = 66;
    static constexpr bool kTwoScales = false;
    static constexpr int kMins = 0;
    static constexpr bool kSigned = false;
    static constexpr int kOffset = 43;

    template <typename Sink>
    PONDER_INLINE void block(Bytes p, std::size_t stride, std::size_t group, Sink& sink)
    {
        const Float d = gatherHalves(p, stride);
        for (std::size_t pair = 0; pair < 4; ++pair) {
            Int words[4];
            loadChunk(p + 2 + 16 * pair, stride, words);
            each<2>([&](auto i) PONDER_UNROLLED {
                const Int points = words[2 * i.value];
                const Int word = words[2 * i.value + 1];
                const Int signs = evenSigns(sevenEach(word));
                Int w[8];
                each<4>([&](auto l) PONDER_UNROLLED {
                    const Int index = bitAnd(shiftRight<8 * l.value>(points), intSet(255));
                    gatherPairs(kIq2XxsGrid.points, index, w + 2 * l.value);
                    applySigns<l.value>(w, signs, kOffset);
                });
                const Float scale = halfStepScale(d, shiftRight<28>(word), 0.25f);
                sink.group(group + 2 * pair + i.value, w, oneScale(scale));
            });
        }
    }
};

} // namespace ponder::kernels::PONDER_SIMD
