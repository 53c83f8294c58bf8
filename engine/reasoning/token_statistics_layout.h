#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace ponder::statistics_layout {

// What encode() and decode() share; docs/architecture.md has the whole layout.

inline constexpr std::uint8_t kVersion = 1;
inline constexpr std::uint8_t kNotAmong = 5; ///< a rank: the token is none of its alternatives
inline constexpr std::uint8_t kAnswer = 0x40;
inline constexpr std::uint8_t kTag = 0x80;

/// Bytes of an index into a dictionary of `count` texts.
constexpr std::size_t indexBytes(std::size_t count)
{
    return count <= 0x100 ? 1 : count <= 0x10000 ? 2 : count <= 0x1000000 ? 3 : 4;
}

/// Bytes that every token takes at least: its head, its entropy, its time and its bytes of two texts.
inline constexpr std::size_t kMinTokenBytes = 6;
/// Bytes that every text of the dictionary takes at least: its id and its length.
inline constexpr std::size_t kMinTextBytes = 5;

// A level is a number of nats without its sign: 1024 levels a nat below 1, then 512 levels for every doubling.
inline constexpr int kNatLevels = 1024;
inline constexpr int kOctaveLevels = 512;
inline constexpr int kOctaves = 6;
inline constexpr int kMaxLevel = kNatLevels + kOctaves * kOctaveLevels; ///< 64 nats

inline std::uint16_t levelOf(float nats)
{
    const double size = std::abs(static_cast<double>(nats));
    if (std::isnan(size))
        return kMaxLevel;
    if (size < 1)
        return static_cast<std::uint16_t>(std::lround(size * kNatLevels));
    const int octave = std::ilogb(std::min(size, 64.0));
    if (octave >= kOctaves)
        return kMaxLevel;
    const double within = std::ldexp(size, -octave) - 1;
    return static_cast<std::uint16_t>(
        kNatLevels + octave * kOctaveLevels + std::lround(within * kOctaveLevels));
}

inline float natsOf(std::uint16_t level)
{
    if (level < kNatLevels)
        return static_cast<float>(level) / kNatLevels;
    const int above = level - kNatLevels;
    const float within = 1 + static_cast<float>(above % kOctaveLevels) / kOctaveLevels;
    return std::ldexp(within, above / kOctaveLevels);
}

} // namespace ponder::statistics_layout
