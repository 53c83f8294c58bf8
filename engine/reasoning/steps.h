#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace ponder {

/// A step of a thought, in bytes; without the white space around it.
struct StepSpan {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// The steps of a whole thought by StepSplitter's rule: a blank line or a list item begins one, but not in a fenced
/// block. It stands here once more because this folder knows only engine/base; a test holds both to the same places.
[[nodiscard]] std::vector<StepSpan> findSteps(std::string_view text);

} // namespace ponder
