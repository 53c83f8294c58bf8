#pragma once

#include <cstddef>

namespace ponder::kernels {

/// Rows of light work (a few operations a number) that are worth a task of their own.
[[nodiscard]] inline std::size_t rowGrain(std::size_t cols)
{
    constexpr std::size_t kNumbersPerTask = 16384;
    return cols >= kNumbersPerTask ? 1 : kNumbersPerTask / (cols + 1) + 1;
}

} // namespace ponder::kernels
