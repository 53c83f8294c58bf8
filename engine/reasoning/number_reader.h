#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "engine/reasoning/math_token.h"

namespace ponder {

/// A number at an offset of a text.
struct NumberReading {
    std::size_t length = 0; ///< bytes, without the dots after it
    std::optional<Literal> literal; ///< none: a date, a time, a version, a code, or too long
};

/// text[at] is a digit, or a point before one. afterLabel: "Step 3", whose colon is no clock's.
[[nodiscard]] NumberReading readNumber(
    std::string_view text, std::size_t at, Language language, bool afterLabel);

/// Raised digits: the length is 0 where there are none.
[[nodiscard]] NumberReading readRaised(std::string_view text, std::size_t at);

/// ½ and its like.
[[nodiscard]] std::optional<Number> vulgarFraction(char32_t character);

} // namespace ponder
