#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/reasoning/analysis.h"
#include "engine/reasoning/step_splitter.h"

namespace ponder {

inline Analysis analyseText(std::string_view reasoning, std::string_view answer = {},
    std::string_view question = {}, std::string_view language = {})
{
    return analyse({std::string(reasoning), std::string(answer), std::string(question),
        std::string(language), stepBegins(reasoning)});
}

inline std::vector<Finding> findingsOf(const Analysis& analysis, FindingKind kind)
{
    std::vector<Finding> result;
    for (const Finding& finding : analysis.findings) {
        if (finding.kind == kind)
            result.push_back(finding);
    }
    return result;
}

/// What is right in the place of the only false sum of a text; "none", or "several".
inline std::string rightValue(std::string_view text, std::string_view language = "en")
{
    const auto marks = findingsOf(analyseText(text, {}, {}, language), FindingKind::Arithmetic);
    if (marks.empty())
        return "none";
    return marks.size() == 1 ? marks.front().value : "several";
}

} // namespace ponder
