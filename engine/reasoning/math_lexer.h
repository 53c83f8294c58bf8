#pragma once

#include <string_view>

#include "engine/reasoning/math_token.h"

namespace ponder {

/// Reads any text, prose and Markdown and TeX, in one pass. The text must outlive the result.
[[nodiscard]] MathText readMath(std::string_view text, Language language);

} // namespace ponder
