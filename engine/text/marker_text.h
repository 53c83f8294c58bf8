#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace ponder {

/// How many bytes at the end of text may be the beginning of marker; less than all of it. 0 for an empty one.
[[nodiscard]] inline std::size_t endingLike(std::string_view text, std::string_view marker)
{
    if (marker.empty())
        return 0;
    for (std::size_t length = std::min(text.size(), marker.size() - 1); length > 0; --length)
        if (marker.starts_with(text.substr(text.size() - length)))
            return length;
    return 0;
}

} // namespace ponder
