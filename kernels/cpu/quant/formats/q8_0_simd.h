#pragma once

#include "kernels/cpu/quant/formats/gather_simd.h"

namespace ponder::kernels::PONDER_SIMD {

struct Q8_0 {
    static constexpr std::size_t kCols = 32;
    static constexpr std::size_t kBytes = 34;
    static constexpr bool kTwoScales = false;
    static constexpr int kMins = 0;
    static constexpr bool kSigned = true;
    static constexpr int kOffset = 0;

    template <typename Sink>
    PONDER_INLINE void block(Bytes p, std::size_t stride, std::size_t group, Sink& sink)
    {
        const Float d = gatherHalves(p, stride);
        Int w[8];
        loadChunk(p + 2, stride, w);
        loadChunk(p + 18, stride, w + 4);
        for (int i = 0; i < 8; ++i) {
            w[i] = flipSigned(w[i]);
        }
        sink.group(group, w, oneScale(d));
    }

    PONDER_INLINE RowGroup row(Bytes p, int)
    {
        const float d = halfAt(p);
        return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 2)), d, d, 0};
    }
};

} // namespace ponder::kernels::PONDER_SIMD
