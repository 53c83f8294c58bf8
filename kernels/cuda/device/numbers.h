#pragma once

#include <limits>

namespace ponder::kernels::cuda {

// Kernels cannot call std::numeric_limits; they can use what was called for them.
inline constexpr float kInfinity = std::numeric_limits<float>::infinity();
inline constexpr float kLowest = std::numeric_limits<float>::lowest();

} // namespace ponder::kernels::cuda
