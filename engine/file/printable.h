#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ponder {

/// A name from a file as it may stand in a message: printable, of bounded length.
[[nodiscard]] std::string printable(std::string_view text, std::size_t maxLength = 64);

} // namespace ponder
