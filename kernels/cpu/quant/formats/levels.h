#pragma once

#include <cstdint>

namespace ponder::kernels {

// What the four bits of a weight stand for.
extern const std::int8_t kIq4Levels[16]; ///< IQ4_NL, IQ4_XS
extern const std::int8_t kFloat4Levels[16]; ///< MXFP4: twice the numbers of E2M1

} // namespace ponder::kernels
