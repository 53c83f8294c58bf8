#pragma once

#include <cstddef>
#include <string_view>

namespace ponder {

/// Whether the text around an equation says that it is no statement: it is refuted, asked for, or only supposed.
[[nodiscard]] bool isDisowned(std::string_view text, std::size_t begin, std::size_t end);

/// Whether an inequality is a condition that is looked at, and not a statement.
[[nodiscard]] bool isCondition(std::string_view text, std::size_t begin, std::size_t end);

} // namespace ponder
