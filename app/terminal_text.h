#pragma once

#include <string>
#include <string_view>

namespace ponder::cli {

/// Text of a model, a file or a person as a terminal may get it: control characters except line ends and tabs, and
/// characters that reverse the direction of writing, become U+FFFD; carriage returns are left out. text: whole UTF-8
/// (invalid bytes become U+FFFD, too).
[[nodiscard]] std::string safeText(std::string_view text);

/// How many columns a character takes: 0, 1 or 2. For an estimate: terminals differ in emoji.
[[nodiscard]] int columnsOf(char32_t character);

} // namespace ponder::cli
