#pragma once

#include <cstdint>

namespace ponder::kernels {

/// IEEE half and bfloat16 to float, exactly, NaN and subnormal numbers included.
[[nodiscard]] float halfToFloat(std::uint16_t bits);
[[nodiscard]] float bfloat16ToFloat(std::uint16_t bits);
/// The 8-bit float with 4 exponent bits and 3 of mantissa (E4M3, OCP OFP8): up to 448, no infinity.
[[nodiscard]] float float8ToFloat(std::uint8_t bits);
/// To the nearest, ties to even.
[[nodiscard]] std::uint16_t floatToHalf(float value);
[[nodiscard]] std::uint16_t floatToBfloat16(float value);
/// What is larger than 448 becomes 448; a NaN becomes 0x7F.
[[nodiscard]] std::uint8_t floatToFloat8(float value);

} // namespace ponder::kernels
