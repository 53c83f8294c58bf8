#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/reasoning/equations.h"

namespace ponder {

/// Something that may be wrong; only a reader can decide.
struct Hint {
    std::size_t begin = 0, end = 0; ///< bytes
    std::string written, value; ///< what is said, what was counted or said before
    std::string message;
};

/// Numbers that a thought says are given, and that the question does not have.
[[nodiscard]] std::vector<Hint> ungivenNumbers(const MathText& thought, const MathText& question);

/// Counts of letters and words that are not so: "strawberry" has 2 r's; "One two three." (4 words).
[[nodiscard]] std::vector<Hint> wrongCounts(std::string_view text);

/// The same name with two values within one attempt; attempts are where they begin, in bytes, in order.
[[nodiscard]] std::vector<Hint> contradictions(std::string_view text,
    const std::vector<Assignment>& assignments, const std::vector<std::size_t>& attempts);

} // namespace ponder
