#pragma once

#include "kernels/cpu/quant/formats/gather_simd.h"

namespace ponder::kernels::PONDER_SIMD {

struct TQ2_0 {
    static constexpr std::size_t kCols = 256;
    static constexpr std::size_t kBytes = 66;
    static constexpr bool kTwoScales = false;
    static constexpr int kMins = 0;
    static constexpr bool kSigned = false;
    static constexpr int kOffset = 1;

    template <typename Sink>
    PONDER_INLINE void block(Bytes p, std::size_t stride, std::size_t group, Sink& sink)
    {
        const Float d = gatherHalves(p + 64, stride);
        for (std::size_t half = 0; half < 2; ++half) {
            Int q[8];
            loadChunk(p + 32 * half, stride, q);
            loadChunk(p + 32 * half + 16, stride, q + 4);
            each<4>([&](auto quarter) PONDER_UNROLLED {
                Int w[8];
                for (int i = 0; i < 8; ++i) {
                    w[i] = bitAnd(shiftRight<2 * quarter.value>(q[i]), byteSet(3));
                }
                sink.group(group + 4 * half + quarter.value, w, oneScale(d));
            });
        }
    }
};

} // namespace ponder::kernels::PONDER_SIMD
