#pragma once

#include "kernels/cpu/quant/formats/gather_simd.h"

namespace ponder::kernels::PONDER_SIMD {

struct TQ1_0 {
    static constexpr std::size_t kCols = 256;
    static constexpr std::size_t kBytes = 54;
    static constexpr bool kTwoScales = false;
    static constexpr int kMins = 0;
    static constexpr bool kSigned = false;
    static constexpr int kOffset = 1;

    template <typename Sink>
    PONDER_INLINE void block(Bytes p, std::size_t stride, std::size_t group, Sink& sink)
    {
        const Float d = gatherHalves(p + 52, stride);
        Int rest[8]; // of the bytes, when the digits taken before are gone
        loadChunk(p, stride, rest);
        loadChunk(p + 16, stride, rest + 4);
        Int w[8];
        for (std::size_t g = 0; g < 5; ++g) {
            for (int i = 0; i < 8; ++i) {
                w[i] = takeDigit(rest[i]);
            }
            sink.group(group + g, w, oneScale(d));
        }
        loadChunk(p + 32, stride, rest);
        for (std::size_t g = 5; g < 7; ++g) {
            for (int i = 0; i < 8; ++i) {
                w[i] = takeDigit(rest[i % 4]);
            }
            sink.group(group + g, w, oneScale(d));
        }
        Int last = gatherWords(p + 48, stride);
        for (int i = 0; i < 4; ++i) {
            w[i] = takeDigit(rest[i]);
        }
        for (int i = 4; i < 8; ++i) {
            w[i] = takeDigit(last);
        }
        sink.group(group + 7, w, oneScale(d));
    }

private:
    /// The bytes' first digits to the base of three, 0 .. 2; three times the byte is left.
    PONDER_INLINE Int takeDigit(Int& rest)
    {
        const Int one = byteMin(byteLess(rest, byteSet(85)), byteSet(1)); // 3 * 86 > 256
        const Int two = byteMin(byteLess(rest, byteSet(170)), byteSet(1)); // 3 * 171 > 512
        rest = byteAdd(rest, byteAdd(rest, rest));
        return byteAdd(one, two);
    }
};

} // namespace ponder::kernels::PONDER_SIMD
