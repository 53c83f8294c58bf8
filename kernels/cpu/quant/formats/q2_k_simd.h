#pragma once

#include "kernels/cpu/quant/formats/gather_simd.h"

namespace ponder::kernels::PONDER_SIMD {

struct Q2_K {
    static constexpr std::size_t kCols = 256;
    static constexpr std::size_t kBytes = 84;
    static constexpr bool kTwoScales = true;
    static constexpr int kMins = 2;
    static constexpr bool kSigned = false;
    static constexpr int kOffset = 0;

    template <typename Sink>
    PONDER_INLINE void block(Bytes p, std::size_t stride, std::size_t group, Sink& sink)
    {
        const Int ends = gatherWords(p + 80, stride);
        const Float d = halfToFloat(ends);
        const Float dmin = halfToFloat(shiftRight<16>(ends));
        Int scales[4];
        loadChunk(p, stride, scales);
        each<2>([&](auto half) PONDER_UNROLLED {
            Int q[8];
            loadChunk(p + 16 + 32 * half.value, stride, q);
            loadChunk(p + 32 + 32 * half.value, stride, q + 4);
            each<4>([&](auto quarter) PONDER_UNROLLED {
                constexpr int g = 4 * half.value + quarter.value;
                Int w[8];
                for (int i = 0; i < 8; ++i) {
                    w[i] = bitAnd(shiftRight<2 * quarter.value>(q[i]), byteSet(3));
                }
                // Two bytes of a word: scale and minimum of the first 16, then of the second.
                const Int s = shiftRight<g % 2 * 16>(scales[g / 2]);
                const auto part = [&](Float size, Int bits) PONDER_UNROLLED {
                    return mul(size, toFloat(bitAnd(bits, intSet(15))));
                };
                sink.group(group + g, w,
                    {part(d, s), part(d, shiftRight<8>(s)), part(dmin, shiftRight<4>(s)),
                        part(dmin, shiftRight<12>(s))});
            });
        });
    }
};

} // namespace ponder::kernels::PONDER_SIMD
