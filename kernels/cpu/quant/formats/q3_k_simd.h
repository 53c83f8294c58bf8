#pragma once

#include "kernels/cpu/quant/formats/gather_simd.h"

namespace ponder::kernels::PONDER_SIMD {

struct Q3_K {
    static constexpr std::size_t kCols = 256;
    static constexpr std::size_t kBytes = 110;
    static constexpr bool kTwoScales = true;
    static constexpr int kMins = 0;
    static constexpr bool kSigned = false;
    static constexpr int kOffset = 4;

    template <typename Sink>
    PONDER_INLINE void block(Bytes p, std::size_t stride, std::size_t group, Sink& sink)
    {
        const Float d = gatherHalves(p + 108, stride);
        // Scales, 32 too large: four to a word, in order.
        const Int low[] = {gatherWords(p + 96, stride), gatherWords(p + 100, stride)};
        const Int upper = gatherWords(p + 104, stride);
        Int scales[4];
        each<4>([&](auto j) PONDER_UNROLLED {
            const Int four = bitAnd(shiftRight<j.value / 2 * 4>(low[j.value % 2]), byteSet(15));
            const Int two = bitAnd(shiftRight<2 * j.value>(upper), byteSet(3));
            scales[j.value] = bitOr(four, shiftLeft<4>(two));
        });
        Int high[8];
        loadChunk(p, stride, high);
        loadChunk(p + 16, stride, high + 4);
        each<2>([&](auto half) PONDER_UNROLLED {
            Int q[8];
            loadChunk(p + 32 + 32 * half.value, stride, q);
            loadChunk(p + 48 + 32 * half.value, stride, q + 4);
            each<4>([&](auto quarter) PONDER_UNROLLED {
                constexpr int g = 4 * half.value + quarter.value;
                Int w[8];
                for (int i = 0; i < 8; ++i) {
                    const Int bits = bitAnd(shiftRight<2 * quarter.value>(q[i]), byteSet(3));
                    w[i] = bitOr(bits, bitAnd(moved<g - 2>(high[i]), byteSet(4)));
                }
                constexpr int j = 2 * g;
                sink.group(group + g, w,
                    twoScales(scale<j % 4>(d, scales[j / 4]), scale<j % 4 + 1>(d, scales[j / 4])));
            });
        });
    }

private:
    /// Shifted to the right by n, which may be negative.
    template <int n> PONDER_INLINE Int moved(Int a)
    {
        if constexpr (n < 0) {
            return shiftLeft<-n>(a);
        } else {
            return shiftRight<n>(a);
        }
    }

    template <int byte> PONDER_INLINE Float scale(Float d, Int word)
    {
        const Int six = bitAnd(shiftRight<8 * byte>(word), intSet(63));
        return mul(d, toFloat(intAdd(six, intSet(-32))));
    }
};

} // namespace ponder::kernels::PONDER_SIMD
