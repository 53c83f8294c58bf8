#pragma once

#include "kernels/cpu/quant/formats/levels_simd.h"

namespace ponder::kernels::PONDER_SIMD {

struct MXFP4 {
    static constexpr std::size_t kCols = 32;
    static constexpr std::size_t kBytes = 17;
    static constexpr bool kTwoScales = false;
    static constexpr int kMins = 0;
    static constexpr bool kSigned = false;
    static constexpr int kOffset = 12;

    template <typename Sink>
    PONDER_INLINE void block(Bytes p, std::size_t stride, std::size_t group, Sink& sink)
    {
        Int q[4];
        loadChunk(p + 1, stride, q);
        Int w[8];
        for (int i = 0; i < 4; ++i) {
            w[i] = level(q[i]);
            w[i + 4] = level(shiftRight<4>(q[i]));
        }
        alignas(64) float scales[kRows];
        for (int r = 0; r < kRows; ++r) {
            scales[r] = scaleOf(p[static_cast<std::size_t>(r) * stride]);
        }
        sink.group(group, w, oneScale(floatLoad(scales)));
    }

    PONDER_INLINE RowGroup row(Bytes p, int)
    {
        const float d = scaleOf(p[0]);
        return {rowLevels(kFloat4Levels, p + 1), d, d, 0};
    }

private:
    PONDER_INLINE Int level(Int q)
    {
        return byteAdd(lookup(kFloat4Levels, bitAnd(q, byteSet(15))), byteSet(kOffset));
    }

    /// 2^(e - 128), of which the first two are no normal numbers
    PONDER_INLINE float scaleOf(std::uint32_t e)
    {
        return __builtin_bit_cast(float, e < 2 ? 0x00200000u << e : (e - 1) << 23);
    }
};

} // namespace ponder::kernels::PONDER_SIMD
