#pragma once

#include "kernels/cpu/quant/formats/levels_simd.h"

namespace ponder::kernels::PONDER_SIMD {

struct IQ4_NL {
    static constexpr std::size_t kCols = 32;
    static constexpr std::size_t kBytes = 18;
    static constexpr bool kTwoScales = false;
    static constexpr int kMins = 0;
    static constexpr bool kSigned = true;
    static constexpr int kOffset = 0;

    template <typename Sink>
    PONDER_INLINE void block(Bytes p, std::size_t stride, std::size_t group, Sink& sink)
    {
        const Float d = gatherHalves(p, stride);
        Int q[4];
        loadChunk(p + 2, stride, q);
        Int w[8];
        toIq4Levels(q, w);
        sink.group(group, w, oneScale(d));
    }

    PONDER_INLINE RowGroup row(Bytes p, int)
    {
        const float d = halfAt(p);
        return {rowLevels(kIq4Levels, p + 2), d, d, 0};
    }
};

} // namespace ponder::kernels::PONDER_SIMD
