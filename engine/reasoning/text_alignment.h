#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace ponder {

/// For every offset in `before`, its end included, the offset of the same place in `now`: an ascending list of
/// before.size() + 1 offsets. The texts are nearly the same: white space and a few tags came or went.
[[nodiscard]] std::vector<std::size_t> alignedOffsets(
    std::string_view before, std::string_view now);

} // namespace ponder
