#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/reasoning/math_token.h"

namespace ponder {

/// An equality, approximation or inequality that does not hold.
struct FalseEquation {
    std::size_t begin = 0, end = 0; ///< bytes of the text
    std::string expression; ///< the sum as it is written
    std::string written; ///< what is said of it
    std::string value; ///< its right value
    bool rounding = false; ///< off in its last digits only
    bool misprint = false; ///< the sentence has it right
    bool solved = false; ///< a value of an unknown, by the equation before
};

/// "x = 7": a name and the number that it is.
struct Assignment {
    std::string_view name; ///< of the text
    Number value;
    std::size_t begin = 0, end = 0; ///< bytes
};

struct Equations {
    std::vector<FalseEquation> wrong;
    std::vector<Assignment> assignments;
};

/// Reads all equations, in the order of the text. Takes time in proportion to its length.
[[nodiscard]] Equations readEquations(const MathText& text);

} // namespace ponder
