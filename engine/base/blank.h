#pragma once

#include <string_view>

namespace ponder {

/// What stands between words and lines, in ASCII.
inline constexpr std::string_view kSpaces = " \t\r\n";

inline bool isSpace(char c)
{
    return kSpaces.find(c) != std::string_view::npos;
}

inline bool isBlank(std::string_view text)
{
    return text.find_first_not_of(kSpaces) == std::string_view::npos;
}

} // namespace ponder
