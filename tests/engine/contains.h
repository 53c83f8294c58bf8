#pragma once

#include <string_view>

namespace ponder::test {

/// For messages of which a part matters.
inline bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

} // namespace ponder::test
