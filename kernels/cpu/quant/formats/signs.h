#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/cpu/quant/formats/format.h"

namespace ponder::kernels {

/// Seven signs in the file make eight: the number of negative weights is always even.
[[nodiscard]] inline unsigned evenSigns(unsigned seven)
{
    return seven | static_cast<unsigned>(std::popcount(seven) & 1) << 7;
}

/// The weights of a grid's point, negative where signs has a bit.
template <typename Point> void putSigned(Point point, unsigned signs, std::int8_t* out)
{
    for (std::size_t i = 0; i < sizeof point; ++i) {
        const auto size = static_cast<int>((point >> (8 * i)) & 255);
        out[i] = static_cast<std::int8_t>((signs >> i) & 1 ? -size : size);
    }
}

/// Four bits for each half of a group's 32 weights: w = d * (scale + 1/2) / 4 * point
inline void putHalfScales(float d, unsigned both, WeightGroup& group)
{
    for (int half = 0; half < 2; ++half) {
        const unsigned scale = (both >> (4 * half)) & 15;
        group.scale[half] = d * (static_cast<float>(scale) + 0.5f) * 0.25f;
        group.min[half] = 0;
    }
}

template <typename T> [[nodiscard]] T readAt(const std::uint8_t* p)
{
    T value;
    std::memcpy(&value, p, sizeof value);
    return value;
}

} // namespace ponder::kernels
