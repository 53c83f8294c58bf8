#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/result.h"
#include "engine/reasoning/analysis.h"

namespace ponder::cli {

/// One thought to look at.
struct AnalyseInput {
    nlohmann::ordered_json id; ///< as it is given; null: none
    ReasoningRecord record;
    std::optional<std::size_t> reasoningStart, answerStart; ///< code points of a text that has both
};

/// A text with thought tags, or JSON Lines. Fails where a line of JSON Lines is none, or has no "reasoning".
[[nodiscard]] Result<std::vector<AnalyseInput>> readAnalyseInput(std::string_view text);

} // namespace ponder::cli
