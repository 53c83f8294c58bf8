#include "engine/text/thought_repair.h"

#include <algorithm>

#include "engine/base/blank.h"
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

/// Inline code or a quotation that is open before a tag also ends behind it, on the same line. A lone backtick, or a
/// quotation mark that closes what an earlier line began, quotes nothing.
bool isQuoted(const LineContext& before, std::string_view behind)
{
    constexpr std::string_view kQuotes[] = {"\"", "'", "”", "’", "“", "»", "›", "」", "』"};
    const std::string_view line = behind.substr(0, behind.find('\n'));
    const auto isIn = [&](std::string_view mark) { return line.find(mark) != line.npos; };
    return (before.inCode() && isIn("`"))
        || (before.afterOpeningQuote() && std::ranges::any_of(kQuotes, isIn));
}

/// How sure it is that a closing tag closes; 0: it is spoken of.
int weight(const LineContext& before, std::string_view behind, bool ended)
{
    if (before.inFence() || isQuoted(before, behind))
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

struct ClosingPlace {
    std::size_t begin = std::string_view::npos; ///< of the closing tag
    std::size_t end = std::string_view::npos;

    [[nodiscard]] bool isFound() const { return begin != std::string_view::npos; }
};

struct TagSearch {
    bool ended;
    bool anyCase = false; ///< of ASCII letters
    bool beginsLine = false; ///< only a tag that begins its line counts
};

std::string smallLetters(std::string_view text)
{
    std::string small(text);
    for (char& c : small)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return small;
}

/// The last closing tag of a format of which it is surest that it closes.
ClosingPlace findClosing(std::string_view thought, std::size_t from, const ThoughtFormat& format,
    const TagSearch& search)
{
    const ThoughtFormat::Marker* open = format.find(ThoughtMark::OpenThought);
    const ThoughtFormat::Marker* close = format.find(ThoughtMark::CloseThought);
    if (!open || !close)
        return {};
    const std::string text = search.anyCase ? smallLetters(thought) : std::string(thought);
    const std::string tag = search.anyCase ? smallLetters(close->text) : std::string(close->text);
    // A section within the thought closes itself only.
    const std::size_t section
        = text.find(search.anyCase ? smallLetters(open->text) : std::string(open->text), from);
    LineContext context;
    std::size_t read = 0;
    ClosingPlace best;
    int bestWeight = 0;
    for (std::size_t at = text.find(tag, from); at != std::string::npos;
        at = text.find(tag, at + tag.size())) {
        context.push(thought.substr(read, at - read));
        read = at;
        if (search.beginsLine && (!context.atLineBegin() || (section > from && section < at)))
            continue;
        const int found = weight(context, thought.substr(at + tag.size()), search.ended);
        if (found > 0 && found >= bestWeight) {
            best = {at, at + tag.size()};
            bestWeight = found;
        }
    }
    return best;
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
    ClosingPlace place = findClosing(thought, from, format, {.ended = ended});
    for (const bool anyCase : {false, true})
        for (const ThoughtFormat& other : thoughtFormats())
            if (!place.isFound() && (other.isSpelled || (anyCase && &other == &format)))
                place = findClosing(
                    thought, from, other, {.ended = ended, .anyCase = anyCase, .beginsLine = true});
    if (!place.isFound())
        return std::nullopt;
    std::string_view content = answerOf(thought.substr(place.end));
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
    return RepairedThought{
        std::string(trimmed(thought.substr(0, place.begin))), std::string(content)};
}

} // namespace ponder
