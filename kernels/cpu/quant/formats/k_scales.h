#pragma once

#include <cstdint>

namespace ponder::kernels {

/// The scale and minimum of group j of a Q4_K or Q5_K block: 6 bits each, eight of both in 12 bytes.
/// Bytes 0-3 hold scales 0-3 and bytes 4-7 minimums 0-3 in their low six bits; bytes 8-11 hold the low
/// four bits of scales and minimums 4-7, whose upper two are on top of the first eight bytes.
struct KScale {
    int scale;
    int min;
};

[[nodiscard]] inline KScale kScale(const std::uint8_t* s, int j)
{
    if (j < 4) {
        return {s[j] & 63, s[j + 4] & 63};
    }
    return {(s[j + 4] & 15) | (s[j - 4] >> 6) << 4, (s[j + 4] >> 4) | (s[j] >> 6) << 4};
}

} // namespace ponder::kernels
