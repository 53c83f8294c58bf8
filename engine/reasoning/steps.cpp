#include "engine/reasoning/steps.h"

#include <algorithm>

#include "engine/reasoning/characters.h"

namespace ponder {

namespace {

constexpr std::string_view kSpaces = " \t\r\n";

bool beginsWithNumber(std::string_view line)
{
    std::size_t digits = 0;
    while (digits < line.size() && isDigit(static_cast<unsigned char>(line[digits])))
        ++digits;
    return digits >= 1 && digits <= 3 && digits + 1 < line.size()
        && (line[digits] == '.' || line[digits] == ')') && line[digits + 1] == ' ';
}

bool isItem(std::string_view line)
{
    constexpr std::string_view kStep = "Step ";
    return line.starts_with("- ") || line.starts_with("* ") || line.starts_with("• ")
        || beginsWithNumber(line)
        || (line.starts_with(kStep) && line.size() > kStep.size()
            && isDigit(static_cast<unsigned char>(line[kStep.size()])));
}

bool isFence(std::string_view line)
{
    return line.starts_with("```") || line.starts_with("~~~");
}

} // namespace

std::vector<StepSpan> findSteps(std::string_view text)
{
    std::vector<StepSpan> steps;
    bool inFence = false;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t begin = text.find_first_not_of(kSpaces, at);
        if (begin == std::string_view::npos)
            break;
        const std::string_view space = text.substr(at, begin - at);
        // A carriage return ends a head, too: what can be a marker has none inside.
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line
            = text.substr(begin, std::min(end, text.find('\r', begin)) - begin);
        const bool blankLine = std::ranges::count(space, '\n') >= 2;
        const bool item = isItem(line) && space.ends_with('\n');
        if (steps.empty() || (!inFence && (blankLine || item)))
            steps.push_back({begin, begin});
        if (isFence(line))
            inFence = !inFence;
        steps.back().end = begin + text.substr(begin, end - begin).find_last_not_of(kSpaces) + 1;
        at = end;
    }
    return steps;
}

} // namespace ponder
