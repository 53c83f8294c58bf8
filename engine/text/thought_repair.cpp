#include "engine/text/thought_repair.h"

#include <algorithm>

#include "engine/text/blank.h"
#include "engine/text/line_context.h"

namespace ponder {

namespace {

std::string_view trimmed(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(kSpaces);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(kSpaces) + 1 - first);
}

/// Without white space around it, but with the indentation of a first line that stands on a line of its own.
std::string_view answerOf(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(kSpaces);
    if (first == std::string_view::npos)
        return {};
    const std::size_t newline = text.find_last_of('\n', first);
    text = text.substr(newline == std::string_view::npos ? first : newline + 1);
    return text.substr(0, text.find_last_not_of(kSpaces) + 1);
}

bool isLowerOrMark(char c)
{
    return (c >= 'a' && c <= 'z')
        || std::string_view(".,;:!?)]}>'\"`").find(c) != std::string_view::npos;
}

/// How sure it is that a closing tag closes; 0: it is spoken of.
int weight(const LineContext& before, std::string_view behind, bool ended)
{
    if (before.inFence() || before.inQuotes())
        return 0;
    const std::size_t next = behind.find_first_not_of(" \t\r");
    const bool endsLine = next == std::string_view::npos || behind[next] == '\n';
    const bool spoken = !endsLine && isLowerOrMark(behind[next]);
    if (before.atLineBegin())
        return endsLine ? 3 : spoken ? 0 : 2;
    if (!ended || (before.afterSpace() && spoken))
        return 0;
    return 1;
}

std::optional<RepairedThought> splitAtHeader(std::string_view thought, std::size_t from)
{
    constexpr std::string_view kHeader = "<|channel|>final<|message|>";
    const std::size_t at = thought.rfind(kHeader);
    if (at == std::string_view::npos || at < from)
        return std::nullopt;
    std::string_view before = trimmed(thought.substr(0, at));
    for (const std::string_view mark : {"<|start|>assistant", "<|end|>"})
        if (before.size() >= from + mark.size() && before.ends_with(mark))
            before = trimmed(before.substr(0, before.size() - mark.size()));
    std::string_view content = answerOf(thought.substr(at + kHeader.size()));
    for (const std::string_view mark : {"<|return|>", "<|end|>"})
        if (content.ends_with(mark))
            content = answerOf(content.substr(0, content.size() - mark.size()));
    return RepairedThought{std::string(before), std::string(content)};
}

} // namespace

std::optional<RepairedThought> repairThought(
    std::string_view thought, std::size_t from, const ThoughtFormat& format, bool ended)
{
    if (format.hasHeaders)
        return splitAtHeader(thought, from);
    const ThoughtFormat::Marker* close = format.find(ThoughtMark::CloseThought);
    if (!close)
        return std::nullopt;
    const std::size_t length = close->text.size();
    LineContext context;
    std::size_t read = 0;
    std::size_t best = std::string_view::npos;
    int bestWeight = 0;
    for (std::size_t at = thought.find(close->text, from); at != std::string_view::npos;
        at = thought.find(close->text, at + length)) {
        context.push(thought.substr(read, at - read));
        read = at;
        const int found = weight(context, thought.substr(at + length), ended);
        if (found > 0 && found >= bestWeight) {
            best = at;
            bestWeight = found;
        }
    }
    if (best == std::string_view::npos)
        return std::nullopt;
    std::string_view content = answerOf(thought.substr(best + length));
    for (std::size_t i = 0; i + 1 < answerTags().size(); i += 2) {
        const std::string_view open = answerTags()[i].text;
        const std::string_view end = answerTags()[i + 1].text;
        if (!content.starts_with(open))
            continue;
        content = answerOf(content.substr(open.size()));
        if (content.ends_with(end))
            content = answerOf(content.substr(0, content.size() - end.size()));
        break;
    }
    return RepairedThought{std::string(trimmed(thought.substr(0, best))), std::string(content)};
}

} // namespace ponder
