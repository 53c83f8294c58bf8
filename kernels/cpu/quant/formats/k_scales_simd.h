#pragma once

// The scales and minimums of Q4_K and Q5_K: see k_scales.h.

#include "kernels/cpu/quant/formats/gather_simd.h"

namespace ponder::kernels::PONDER_SIMD {

/// Those of group j of one block.
struct KRowScale {
    float scale;
    float min;
};

PONDER_INLINE KRowScale kRowScale(Bytes p, int j)
{
    const Bytes s = p + 4;
    const int scale = j < 4 ? s[j] & 63 : (s[j + 4] & 15) | (s[j - 4] >> 6) << 4;
    const int min = j < 4 ? s[j + 4] & 63 : (s[j + 4] >> 4) | (s[j] >> 6) << 4;
    return {halfAt(p) * static_cast<float>(scale), halfAt(p + 2) * static_cast<float>(min)};
}

struct KScales {
    Float d;
    Float dmin;
    Int words[3]; // the twelve bytes

    /// The first 16 bytes of the blocks: half d, dmin; byte scales[12].
    PONDER_INLINE KScales load(Bytes p, std::size_t stride)
    {
        Int head[4];
        loadChunk(p, stride, head);
        return {halfToFloat(head[0]), halfToFloat(shiftRight<16>(head[0])),
            {head[1], head[2], head[3]}};
    }

    template <int j> __attribute__((always_inline)) Float scale() const
    {
        if constexpr (j < 4) {
            return mul(d, toFloat(bitAnd(shiftRight<8 * j>(words[0]), intSet(63))));
        } else {
            const Int low = bitAnd(shiftRight<8 * (j - 4)>(words[2]), intSet(15));
            const Int high = bitAnd(shiftRight<8 * (j - 4) + 2>(words[0]), intSet(48));
            return mul(d, toFloat(bitOr(low, high)));
        }
    }

    template <int j> __attribute__((always_inline)) Float min() const
    {
        if constexpr (j < 4) {
            return mul(dmin, toFloat(bitAnd(shiftRight<8 * j>(words[1]), intSet(63))));
        } else {
            const Int low = bitAnd(shiftRight<8 * (j - 4) + 4>(words[2]), intSet(15));
            const Int high = bitAnd(shiftRight<8 * (j - 4) + 2>(words[1]), intSet(48));
            return mul(dmin, toFloat(bitOr(low, high)));
        }
    }
};

} // namespace ponder::kernels::PONDER_SIMD
