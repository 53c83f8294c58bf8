#pragma once

#include <string_view>
#include <vector>

#include "engine/reasoning/equations.h"

namespace ponder {

/// Small sums written in a column: numbers on lines of their own, one with a sign, a rule, and the result.
[[nodiscard]] std::vector<FalseEquation> falseColumns(std::string_view text, Language language);

} // namespace ponder
