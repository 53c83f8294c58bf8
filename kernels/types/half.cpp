#include "kernels/types/half.h"

#include <bit>
#include <cmath>

namespace ponder::kernels {

namespace {

constexpr std::uint32_t kSignBit = 0x80000000u;
constexpr std::uint32_t kInfinity = 0x7F800000u;
constexpr std::uint32_t kQuietBit = 0x00400000u;

} // namespace

float halfToFloat(std::uint16_t bits)
{
    const std::uint32_t sign = (bits & 0x8000u) << 16;
    const std::uint32_t exponent = (bits >> 10) & 0x1Fu;
    const std::uint32_t mantissa = bits & 0x3FFu;
    if (exponent == 0) { // zero and subnormal numbers: mantissa * 2^-24
        const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
        return sign != 0 ? -magnitude : magnitude;
    }
    if (exponent == 31) {
        const std::uint32_t quiet = mantissa != 0 ? kQuietBit : 0u;
        return std::bit_cast<float>(sign | kInfinity | quiet | (mantissa << 13));
    }
    return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (mantissa << 13));
}

float float8ToFloat(std::uint8_t bits)
{
    const std::uint32_t sign = (bits & 0x80u) << 24;
    const std::uint32_t magnitude = bits & 0x7Fu;
    if (magnitude == 0x7F) {
        return std::bit_cast<float>(sign | kInfinity | kQuietBit);
    }
    if (magnitude < 8) { // zero and subnormal numbers: a multiple of 2^-9
        const float value = static_cast<float>(magnitude) * 0x1p-9f;
        return sign != 0 ? -value : value;
    }
    return std::bit_cast<float>(sign | ((magnitude << 20) + (120u << 23)));
}

float bfloat16ToFloat(std::uint16_t bits)
{
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

std::uint8_t floatToFloat8(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = (bits & kSignBit) >> 24;
    const std::uint32_t magnitude = bits & ~kSignBit;
    if (magnitude > kInfinity)
        return 0x7F;
    if (magnitude >= 0x43E80000u) // 464, half-way from 448 to what would be 480
        return static_cast<std::uint8_t>(sign | 0x7Eu);
    if (magnitude < 0x3C800000u) { // below 2^-6: a multiple of 2^-9
        const float steps = std::nearbyint(std::bit_cast<float>(magnitude) * 0x1p9f);
        return static_cast<std::uint8_t>(sign | static_cast<std::uint32_t>(steps));
    }
    const std::uint32_t odd = (magnitude >> 20) & 1u;
    const std::uint32_t rounded = magnitude - (120u << 23) + 0x7FFFFu + odd;
    return static_cast<std::uint8_t>(sign | (rounded >> 20));
}

std::uint16_t floatToHalf(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>((bits & kSignBit) >> 16);
    const std::uint32_t magnitude = bits & ~kSignBit;
    if (magnitude > kInfinity) {
        return static_cast<std::uint16_t>(sign | 0x7E00u | ((magnitude >> 13) & 0x3FFu));
    }
    if (magnitude >= 0x477FF000u) { // 65520 and more round to infinity
        return static_cast<std::uint16_t>(sign | 0x7C00u);
    }
    if (magnitude < 0x38800000u) { // below 2^-14: a multiple of 2^-24
        const float steps = std::nearbyint(std::bit_cast<float>(magnitude) * 0x1p24f);
        return static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>(steps));
    }
    const std::uint32_t odd = (magnitude >> 13) & 1u;
    const std::uint32_t rounded = magnitude - (112u << 23) + 0xFFFu + odd;
    return static_cast<std::uint16_t>(sign | (rounded >> 13));
}

std::uint16_t floatToBfloat16(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if ((bits & ~kSignBit) > kInfinity) {
        return static_cast<std::uint16_t>((bits >> 16) | 0x40u);
    }
    return static_cast<std::uint16_t>((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16);
}

} // namespace ponder::kernels
