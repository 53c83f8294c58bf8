#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "engine/reasoning/characters.h"
#include "engine/reasoning/hints.h"

namespace ponder {

namespace {

constexpr std::size_t kLongestQuote = 400; ///< bytes

struct Quote {
    std::size_t begin, end; ///< inside
    std::size_t after;
};

std::optional<Quote> quoteAt(std::string_view text, std::size_t at)
{
    struct Marks {
        std::string_view open, close;
    };
    constexpr Marks kMarks[] = {{"\"", "\""}, {"“", "”"}, {"「", "」"}};
    for (const Marks& marks : kMarks) {
        if (!text.substr(at).starts_with(marks.open))
            continue;
        const std::size_t begin = at + marks.open.size();
        const std::string_view inside = text.substr(begin, kLongestQuote);
        const std::size_t end = inside.find(marks.close);
        if (end == std::string_view::npos || end == 0
            || inside.substr(0, end).find('\n') != std::string_view::npos)
            return std::nullopt;
        return Quote{begin, begin + end, begin + end + marks.close.size()};
    }
    return std::nullopt;
}

std::size_t countWords(std::string_view text)
{
    std::size_t count = 0;
    bool inWord = false;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool letter = isLatinLetter(byte) || isDigit(byte) || byte >= 0x80;
        const bool joins = inWord && (c == '\'' || c == '-');
        count += letter && !inWord ? 1 : 0;
        inWord = letter || joins;
    }
    return count;
}

std::size_t countLetters(std::string_view text, char32_t letter)
{
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size();) {
        const Character c = characterAt(text, at);
        const char32_t lower = c.code >= 'A' && c.code <= 'Z' ? c.code + 32 : c.code;
        count += letter == 0 ? (isLatinLetter(c.code) || isHan(c.code) ? 1 : 0)
                             : (lower == letter ? 1 : 0);
        at += c.length;
    }
    return count;
}

std::size_t countedDigits(std::string_view text, std::size_t at)
{
    std::size_t length = 0;
    while (at + length < text.size() && isDigit(static_cast<unsigned char>(text[at + length]))
        && length < 5)
        ++length;
    return length;
}

/// "(11 words)", " has 10 letters", " has 3 r's": what is counted after a quotation.
struct Claim {
    std::size_t begin = 0, end = 0; ///< of the number
    std::size_t said = 0;
    std::string unit; ///< "word", "letter", or one letter
};

std::optional<Claim> claimAt(std::string_view lower, std::size_t at)
{
    constexpr std::array<std::string_view, 13> kVerbs = {" (", " has ", " is ", " contains ",
        " has exactly ", " - ", " = ", " -> ", " → ", " hat ", "有", "（", " consists of "};
    for (const std::string_view verb : kVerbs) {
        if (!lower.substr(at).starts_with(verb))
            continue;
        const std::size_t begin = at + verb.size();
        const std::size_t digits = countedDigits(lower, begin);
        if (digits == 0)
            continue;
        Claim claim{
            begin, begin + digits, std::stoul(std::string(lower.substr(begin, digits))), {}};
        std::string_view rest = lower.substr(claim.end, 24);
        for (const std::string_view unit : {" words", " word", " letters", " letter", "个单词",
                 "个字母", " wörter", " buchstaben"}) {
            if (rest.starts_with(unit))
                claim.unit = unit.find("let") != std::string_view::npos
                        || unit.find("buch") != std::string_view::npos || unit == "个字母"
                    ? "letter"
                    : "word";
        }
        if (claim.unit.empty() && rest.size() > 4 && rest[0] == ' ') { // 3 r's
            rest.remove_prefix(1);
            const bool quoted = rest[0] == '\'' || rest[0] == '"';
            const char letter = rest[quoted ? 1 : 0];
            const std::string_view tail = rest.substr(quoted ? 2 : 1);
            if (letter >= 'a' && letter <= 'z'
                && (tail.starts_with("'s") || tail.starts_with("s ")
                    || (quoted && tail.starts_with("\"s"))))
                claim.unit = std::string(1, letter);
        }
        if (!claim.unit.empty())
            return claim;
    }
    return std::nullopt;
}

/// The number that ends before a place: digits, or a word up to ten.
std::optional<Claim> numberBefore(std::string_view lower, std::size_t end)
{
    constexpr std::string_view kWords[]
        = {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"};
    std::size_t begin = end;
    while (begin > 0 && end - begin < 6
        && (isDigit(static_cast<unsigned char>(lower[begin - 1]))
            || (lower[begin - 1] >= 'a' && lower[begin - 1] <= 'z')))
        --begin;
    const std::string_view word = lower.substr(begin, end - begin);
    if (word.empty())
        return std::nullopt;
    if (word.find_first_not_of("0123456789") == std::string_view::npos && word.size() < 4)
        return Claim{begin, end, std::stoul(std::string(word)), {}};
    for (std::size_t value = 0; value < std::size(kWords); ++value) {
        if (word == kWords[value])
            return Claim{begin, end, value, {}};
    }
    return std::nullopt;
}

/// "There are two r's in strawberry": the letters of a word, without quotation marks around it.
void letterClaims(std::string_view text, std::string_view lower, std::vector<Hint>& hints)
{
    constexpr std::string_view kMark = "'s in ";
    for (std::size_t at = lower.find(kMark); at != std::string_view::npos;
        at = lower.find(kMark, at + 1)) {
        if (at < 3 || lower[at - 1] < 'a' || lower[at - 1] > 'z')
            continue;
        std::size_t before = at - 1;
        before -= lower[before - 1] == '\'' || lower[before - 1] == '"' ? 1 : 0;
        if (before == 0 || lower[before - 1] != ' ')
            continue;
        const auto claim = numberBefore(lower, before - 1);
        std::size_t begin = at + kMark.size();
        bool named = false;
        for (const std::string_view opening : {"the word ", "\"", "'", "“", "**"}) {
            if (lower.substr(begin).starts_with(opening)) {
                begin += opening.size();
                named = true;
            }
        }
        std::size_t end = begin;
        while (end < lower.size() && lower[end] >= 'a' && lower[end] <= 'z')
            ++end;
        // "three s's in this" names no word; an unmarked word has to end its clause.
        const bool ends
            = end == lower.size() || lower[end] == '.' || lower[end] == ',' || lower[end] == '\n';
        if (!claim || end - begin < 4 || (!named && !ends))
            continue;
        const std::size_t counted = countLetters(
            text.substr(begin, end - begin), static_cast<unsigned char>(lower[at - 1]));
        if (counted != claim->said)
            hints.push_back(
                {claim->begin, claim->end, std::to_string(claim->said), std::to_string(counted),
                    "Counted, it is " + std::to_string(counted) + ", not "
                        + std::to_string(claim->said) + "."});
    }
}

} // namespace

std::vector<Hint> wrongCounts(std::string_view text)
{
    const std::string lower = lowered(text);
    std::vector<Hint> hints;
    letterClaims(text, lower, hints);
    for (std::size_t at = text.find_first_of("\"\xE2\xE3"); at != std::string_view::npos;
        at = text.find_first_of("\"\xE2\xE3", at)) {
        const auto quote = quoteAt(text, at);
        if (!quote) {
            ++at;
            continue;
        }
        const auto claim = claimAt(lower, quote->after);
        if (!claim) {
            at = quote->after; // a quotation mark that closes opens nothing
            continue;
        }
        const std::string_view inside = text.substr(quote->begin, quote->end - quote->begin);
        const bool hasBlank = inside.find("__") != std::string_view::npos
            || inside.find("...") != std::string_view::npos;
        const std::size_t counted = claim->unit == "word" ? countWords(inside)
            : claim->unit == "letter"
            ? countLetters(inside, 0)
            : countLetters(inside, static_cast<unsigned char>(claim->unit[0]));
        if (counted != claim->said && !hasBlank) {
            const std::string number = std::to_string(counted);
            const std::string unit
                = claim->unit.size() == 1 ? claim->unit + "'s" : claim->unit + "s";
            hints.push_back({claim->begin, claim->end, std::to_string(claim->said), number,
                "Counted, it is " + number + " " + unit + ", not " + std::to_string(claim->said)
                    + "."});
        }
        at = claim->end;
    }
    return hints;
}

} // namespace ponder
