#pragma once

#include <cstddef>
#include <string_view>

namespace ponder {

/// Whether what stands around an equation says that it is not meant: it is refuted, asked for, or only supposed.
[[nodiscard]] bool isDisowned(std::string_view text, std::size_t begin, std::size_t end);

/// Whether an inequality is a condition that is looked at, and not a statement.
[[nodiscard]] bool isCondition(std::string_view text, std::size_t begin, std::size_t end);

} // namespace ponder
