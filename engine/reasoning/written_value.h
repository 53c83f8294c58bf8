#pragma once

#include <cstdint>
#include <string>

#include "engine/reasoning/expression.h"

namespace ponder {

enum class Verdict : std::uint8_t {
    Holds,
    Rounding, ///< false in its last digits only
    Wrong,
    Unclear,
};

/// Whether a written number is what a sum comes to, to the digits that it shows.
[[nodiscard]] Verdict compareWritten(const Reading& sum, const Reading& written, bool approximate);

/// Whether two sums come to the same.
[[nodiscard]] Verdict compareSums(const Reading& left, const Reading& right, bool approximate);

/// Whether one of them is the other in another unit that the text names: 2 hours and 120 minutes.
[[nodiscard]] bool convertible(const Reading& left, const Reading& right);

/// A value as one would write it in the place of `written`: with a digit or two more where it has no end.
[[nodiscard]] std::string valueText(const Number& value, const Reading* written);

} // namespace ponder
