#include "engine/reasoning/equation_context.h"

#include <algorithm>
#include <array>
#include <string>

#include "engine/reasoning/characters.h"

namespace ponder {

namespace {

constexpr std::size_t kBefore = 90; ///< bytes that are looked at
constexpr std::size_t kAfter = 70;

bool containsAny(std::string_view text, auto const& words)
{
    return std::ranges::any_of(
        words, [text](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

/// The sentence up to an equation.
std::string sentenceBefore(std::string_view text, std::size_t begin)
{
    const std::size_t from = begin > kBefore ? begin - kBefore : 0;
    std::string before = lowered(text.substr(from, begin - from));
    for (const std::string_view end : {". ", "? ", "! ", "\n", "。", "？", "; "}) {
        if (const std::size_t at = before.rfind(end); at != std::string::npos)
            before.erase(0, at + end.size());
    }
    return before;
}

/// The rest of the sentence after it; where that is a question, its answer too.
std::string sentenceAfter(std::string_view text, std::size_t end)
{
    std::string after = lowered(text.substr(end, kAfter));
    std::size_t stop = after.size();
    for (const std::string_view mark : {". ", ".\n", "! ", "\n\n", "。", "; "})
        stop = std::min(stop, after.find(mark));
    after.resize(stop);
    return after;
}

} // namespace

bool isDisowned(std::string_view text, std::size_t begin, std::size_t end)
{
    constexpr std::array<std::string_view, 28> kRefutedBefore = {"not that ", "isn't ",
        "instead of ", "rather than ", "mistakenly", "wrongly", "incorrectly", "erroneously",
        "i said ", "i wrote ", "i thought ", "claim that", "claims that", "claimed", "might think",
        "may think", "might say", "tempting", "thinking that", "common mistake",
        "wrong:", "incorrect:", "falsely", "nicht ", "fälschlich", "而不是", "误", "错"};
    constexpr std::array<std::string_view, 27> kRefutedAfter
        = {"is wrong", "is incorrect", "not correct", "isn't right", "is not right", "not right",
            "is false", "was wrong", "is a mistake", "not true", "isn't true", "contradict",
            "impossible", "doesn't hold", "does not hold", "isn't correct", "was incorrect",
            "that's wrong", "that's incorrect", "would be wrong", "that's false", "which is no",
            "ist falsch", "stimmt nicht", "不对", "是错", "不成立"};
    constexpr std::array<std::string_view, 7> kSupposed
        = {"if ", "suppose ", "assume ", "whether ", "wenn ", "angenommen", "如果"};
    constexpr std::array<std::string_view, 8> kDenials
        = {"? no", "? not", "? nope", "? nein", "？不", "✗", "❌", "(no"};
    const std::string before = sentenceBefore(text, begin);
    const std::string after = sentenceAfter(text, end);
    if (containsAny(before, kRefutedBefore) || containsAny(after, kRefutedAfter))
        return true;
    if (before.ends_with("not ") || before.ends_with("≠ ") || before.ends_with("no, "))
        return before.ends_with("≠ ") || before.ends_with("not ");
    // "If each has 3, they have 2*3=7" supposes only what stands before the comma.
    const std::size_t clause = before.find_last_of(",:");
    if (containsAny(
            std::string_view(before).substr(clause == std::string::npos ? 0 : clause), kSupposed)
        && before.find("then") == std::string::npos)
        return true;
    std::string close = lowered(text.substr(end, 12));
    for (std::size_t at = close.find("  "); at != std::string::npos; at = close.find("  "))
        close.erase(at, 1);
    return containsAny(close, kDenials);
}

bool isCondition(std::string_view text, std::size_t begin, std::size_t end)
{
    constexpr std::array<std::string_view, 14> kSignsBefore
        = {"check", "whether", "while", "condition", "loop", "if ", "is ", "compare", "prüf",
            "检查", "条件", "判断", "是否", "循环"};
    constexpr std::array<std::string_view, 7> kSignsAfter
        = {"?", "？", "吗", "false", "no", "not", "nein"};
    return containsAny(sentenceBefore(text, begin), kSignsBefore)
        || containsAny(lowered(text.substr(end, 24)), kSignsAfter);
}

} // namespace ponder
