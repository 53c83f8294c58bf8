#pragma once

#include <cstdint>

#include "kernels/types/grids.h"

namespace ponder::kernels {

/// Eight weights of IQ1_S or IQ1_M, in eighths: -1, 0 or 1, and an eighth more or less.
inline void putIq1(int index, bool less, std::int8_t* out)
{
    for (int i = 0; i < 8; ++i) {
        const auto eighths = static_cast<int>((kIq1Grid.points[index] >> (8 * i)) & 255) - 8;
        out[i] = static_cast<std::int8_t>(eighths + (less ? -1 : 1));
    }
}

} // namespace ponder::kernels
