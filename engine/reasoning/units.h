#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ponder {

/// A unit that converts into others of its dimension.
struct Unit {
    enum class Dimension : std::uint8_t { Time, Length, Mass, Volume, Money, Count };
    Dimension dimension = Dimension::Count;
    double factor = 1; ///< in the dimension's smallest common unit

    bool operator==(const Unit&) const = default;
};

/// By its name in lower case, singular or plural; English, German, Chinese.
[[nodiscard]] std::optional<Unit> unitOf(std::string_view lower);

/// Whether a word is an abbreviation after which a point ends no sentence.
[[nodiscard]] bool isAbbreviation(std::string_view lower);

} // namespace ponder
