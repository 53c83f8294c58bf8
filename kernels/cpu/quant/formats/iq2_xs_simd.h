#pragma once

#include "kernels/cpu/quant/formats/grids_simd.h"

namespace ponder::kernels::PONDER_SIMD {

struct IQ2_XS {
    static constexpr std::size_t kCols = 256;
    static constexpr std::size_t kBytes = 74;
    static constexpr bool kTwoScales = true;
    static constexpr int kMins = 0;
    static constexpr bool kSigned = false;
    static constexpr int kOffset = 43;

    template <typename Sink>
    PONDER_INLINE void block(Bytes p, std::size_t stride, std::size_t group, Sink& sink)
    {
        const Float d = gatherHalves(p, stride);
        each<2>([&](auto half) PONDER_UNROLLED {
            const Int scales = gatherWords(p + 66 + 4 * half.value, stride);
            each<2>([&](auto pair) PONDER_UNROLLED {
                Int words[4];
                loadChunk(p + 2 + 32 * half.value + 16 * pair.value, stride, words);
                each<2>([&](auto i) PONDER_UNROLLED {
                    constexpr int g = 2 * pair.value + i.value; // of the half's four
                    const Int both[] = {words[2 * i.value], words[2 * i.value + 1]};
                    const Int signs = evenSigns(signsOf(both[0], both[1]));
                    Int w[8];
                    each<4>([&](auto l) PONDER_UNROLLED {
                        const Int index = bitAnd(
                            shiftRight<16 * (l.value % 2)>(both[l.value / 2]), intSet(511));
                        gatherPairs(kIq2XsGrid.points, index, w + 2 * l.value);
                        applySigns<l.value>(w, signs, kOffset);
                    });
                    const Int first = bitAnd(shiftRight<8 * g>(scales), intSet(15));
                    const Int second = bitAnd(shiftRight<8 * g + 4>(scales), intSet(15));
                    sink.group(group + 4 * half.value + g, w,
                        twoScales(halfStepScale(d, first, 0.25f), halfStepScale(d, second, 0.25f)));
                });
            });
        });
    }

private:
    /// Bits 9-15 and 25-31 of both words, a byte each.
    PONDER_INLINE Int signsOf(Int a, Int b)
    {
        const Int low = bitOr(
            bitAnd(shiftRight<9>(a), intSet(0x7F)), bitAnd(shiftRight<17>(a), intSet(0x7F00)));
        const Int high = bitOr(bitAnd(shiftLeft<7>(b), intSet(0x7F0000)),
            bitAnd(shiftRight<1>(b), intSet(0x7F000000)));
        return bitOr(low, high);
    }
};

} // namespace ponder::kernels::PONDER_SIMD
