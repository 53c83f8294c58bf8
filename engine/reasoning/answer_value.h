#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "engine/reasoning/candidates.h"

namespace ponder {

/// The value that is written at a place, after "the answer is"; none where something else follows.
[[nodiscard]] std::optional<NamedAnswer> valueAt(std::string_view text, std::size_t at);

/// What stands in \boxed{…}; `at` is behind the opening brace.
[[nodiscard]] std::optional<NamedAnswer> boxedValue(std::string_view text, std::size_t at);

} // namespace ponder
