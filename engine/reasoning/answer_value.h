#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "engine/reasoning/candidates.h"

namespace ponder {

/// The value that is written at an offset, after "the answer is"; none where something else follows.
[[nodiscard]] std::optional<NamedAnswer> valueAt(std::string_view text, std::size_t at);

/// The value in \boxed{…}; `at` is after the opening brace.
[[nodiscard]] std::optional<NamedAnswer> boxedValue(std::string_view text, std::size_t at);

} // namespace ponder
