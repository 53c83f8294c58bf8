#pragma once

#include <cstddef>

#include "kernels/cpu/cpu.h"

namespace ponder::kernels {

/// Bytes a second that all threads together read from memory: the median of repeats passes over
/// a buffer of the given size (choose one well past the last cache). 0 when there is no memory for it.
[[nodiscard]] double measureReadBandwidth(
    Cpu& cpu, std::size_t bytes = std::size_t{512} << 20, int repeats = 5);

} // namespace ponder::kernels
