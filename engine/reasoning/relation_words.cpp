#include "engine/reasoning/relation_words.h"

#include <algorithm>
#include <array>
#include <string>

#include "engine/reasoning/characters.h"

namespace ponder {

namespace {

constexpr std::size_t kMaxWords = 7;

/// Words that may stand between a sum and "is", or between "is" and its result.
bool isFiller(const std::string& word)
{
    constexpr std::array<std::string_view, 27> kFillers
        = {"would", "will", "should", "to", "be", "which", "that", "also", "then", "just", "only",
            "simply", "exactly", "again", "out", "comes", "indeed", "us", "still", "me", "does",
            "actually", "dann", "also", "genau", "wieder", "nur"};
    return std::ranges::find(kFillers, word) != kFillers.end();
}

bool isGetting(const std::string& word)
{
    constexpr std::array<std::string_view, 6> kWords
        = {"get", "gets", "obtain", "totaling", "totalling", "totals"};
    return std::ranges::find(kWords, word) != kWords.end();
}

/// Signs that follow one another are one: "= ≈", "= about".
std::optional<RelationReading> signs(const MathText& text, std::size_t at)
{
    RelationReading result;
    result.relation = text.at(std::ptrdiff_t(at)).relation;
    std::size_t end = at + 1;
    while (text.at(std::ptrdiff_t(end)).kind == TokenKind::Relation) {
        if (text.at(std::ptrdiff_t(end)).relation != Relation::Equal) {
            if (result.relation != Relation::Equal
                && result.relation != text.at(std::ptrdiff_t(end)).relation)
                return std::nullopt;
            result.relation = text.at(std::ptrdiff_t(end)).relation;
        }
        if (++end - at > 3)
            return std::nullopt;
    }
    if (text.at(std::ptrdiff_t(end)).word.role == WordRole::Approximately
        && result.relation == Relation::Equal) {
        result.relation = Relation::Approximate;
        ++end;
    }
    if (text.at(std::ptrdiff_t(end)).kind == TokenKind::Question) // "=?" asks
        return std::nullopt;
    result.end = end;
    return result;
}

} // namespace

std::optional<RelationReading> relationAt(const MathText& text, std::size_t token)
{
    std::size_t at = token;
    if (text.at(std::ptrdiff_t(at)).kind == TokenKind::Newline)
        ++at;
    if (text.at(std::ptrdiff_t(at)).kind == TokenKind::Relation)
        return signs(text, at);
    at = token;
    const bool comma = text.at(std::ptrdiff_t(at)).kind == TokenKind::Comma;
    if (comma)
        ++at;
    bool states = false;
    RelationReading result;
    result.words = true;
    const std::size_t first = at;
    for (; at - first < kMaxWords && text.at(std::ptrdiff_t(at)).kind == TokenKind::Word; ++at) {
        const Token& word = text.at(std::ptrdiff_t(at));
        if (word.word.role == WordRole::Is || word.word.role == WordRole::Equals) {
            states = true;
            continue;
        }
        if (word.word.role == WordRole::Approximately) {
            states = states || word.end - word.begin > 2 * 3 || text.of(word).front() < 0;
            result.relation = Relation::Approximate;
            continue;
        }
        const std::string lower
            = word.end - word.begin < 16 ? lowered(text.of(word)) : std::string();
        if (isGetting(lower)) {
            states = true;
            continue;
        }
        if (!isFiller(lower))
            break;
    }
    if (!states)
        return std::nullopt;
    if (comma) {
        const std::string lower = lowered(text.of(text.at(std::ptrdiff_t(first))));
        if (lower != "which" && lower != "that" && lower != "that's")
            return std::nullopt;
    }
    result.end = at;
    return result;
}

} // namespace ponder
