#pragma once

#include <cstddef>
#include <string_view>

#include "engine/reasoning/analysis.h"

namespace ponder {

/// What a step does, by its words: English, Chinese, German. index and count: which step of how many it is.
[[nodiscard]] StepKind stepKind(std::string_view step, std::size_t index, std::size_t count);

} // namespace ponder
