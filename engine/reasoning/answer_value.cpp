#include "engine/reasoning/answer_value.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "engine/reasoning/characters.h"
#include "engine/reasoning/expression.h"
#include "engine/reasoning/math_lexer.h"

namespace ponder {

namespace {

constexpr std::size_t kLongest = 120; ///< bytes of a value in words
constexpr std::size_t kLongestBox = 300;

bool startsWithAny(std::string_view text, auto const& words)
{
    return std::ranges::any_of(
        words, [text](std::string_view word) { return text.starts_with(word); });
}

/// Marks that may stand around a value: emphasis, quotes, TeX's delimiters, currencies.
std::size_t markLength(std::string_view text)
{
    constexpr std::array<std::string_view, 23> kMarks
        = {"**", "*", "$", "\\(", "\\[", "`", "\"", "'", "“", "”", "‘", "’", "「", "」", "€", "£",
            "：", ":", "\\text{", "\\mathbf{", "\\textbf{", "=", "≈"};
    for (const std::string_view mark : kMarks) {
        if (text.starts_with(mark))
            return mark.size();
    }
    return 0;
}

std::size_t skipMarks(std::string_view text, std::size_t at)
{
    for (;;) {
        const std::size_t before = at;
        while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t'))
            ++at;
        at += at < text.size() ? markLength(text.substr(at)) : 0;
        if (at == before)
            return at;
    }
}

/// Words that do not change which value is meant.
std::size_t skipAdverbs(std::string_view text, std::size_t at)
{
    constexpr std::array<std::string_view, 36> kAdverbs = {"answer: ", "the answer is ", "likely ",
        "probably ", "simply ", "just ", "indeed ", "still ", "therefore ", "therefore, ", "thus ",
        "definitely ", "actually ", "approximately ", "about ", "exactly ", "also ", "then ",
        "now ", "indeed, ", "roughly ", "going to be ", "supposed to be ", "perhaps ", "equal to ",
        "clearly ", "most likely ", "wohl ", "also ", "somit ", "etwa ", "ungefähr ", "大约", "约",
        "应该是", "就是"};
    for (bool found = true; found;) {
        found = false;
        at = skipMarks(text, at);
        const std::string lower = lowered(text.substr(at, 24));
        for (const std::string_view adverb : kAdverbs) {
            if (lower.starts_with(adverb)) {
                at += adverb.size();
                found = true;
                break;
            }
        }
    }
    return at;
}

/// What begins like this names no value.
bool namesNothing(std::string_view value)
{
    constexpr std::array<std::string_view, 59> kOthers = {"that", "simpl", "straightforward",
        "concise", "trivial", "more ", "and ", "also ", "unclear", "<", "[", "...", "…", "not",
        "correct", "right", "wrong", "incorrect", "clear", "obvious", "based", "in ", "to ",
        "expected", "given", "different", "unique", "consistent", "that ", "what", "whether",
        "supposed", "wanted", "required", "asked", "found", "as ", "from ", "for ", "because",
        "if ", "either", "which", "how", "there", "it ", "we ", "i ", "you ", "this", "these",
        "those", "nicht", "falsch", "richtig", "不", "正确", "错", "什么"};
    return startsWithAny(lowered(value.substr(0, 16)), kOthers);
}

std::string withoutMarks(std::string_view text)
{
    std::string value;
    for (std::size_t i = 0; i < text.size();) {
        const std::string_view rest = text.substr(i);
        if (rest.starts_with("\\text{") || rest.starts_with("\\mathbf{")
            || rest.starts_with("\\textbf{") || rest.starts_with("\\mathrm{")) {
            i = text.find('{', i) + 1;
            const std::size_t close = text.find('}', i);
            value += text.substr(i, std::min(close, text.size()) - i);
            i = std::min(close, text.size() - 1) + 1;
            continue;
        }
        if (rest.starts_with("\\(") || rest.starts_with("\\)") || rest.starts_with("**")
            || rest.starts_with("\\,")) {
            i += 2;
            continue;
        }
        if (text[i] == '$' || text[i] == '`' || text[i] == '*') {
            ++i;
            continue;
        }
        value += text[i++];
    }
    constexpr std::string_view kEnds = " \t\r\n.,;:!?\"'";
    while (!value.empty() && kEnds.find(value.back()) != std::string_view::npos)
        value.pop_back();
    const std::size_t begin = value.find_first_not_of(" \t\r\n:\"'");
    value.erase(0, std::min(begin, value.size()));
    return value;
}

/// Where the words of a value end: a sentence, a line, a clause.
std::size_t clauseEnd(std::string_view text, std::size_t at)
{
    constexpr std::array<std::string_view, 21> kEnds
        = {". ", ".\n", "\n", "。", "，", "；", "; ", "! ", "? ", "？", " because", " since ",
            ", so ", ", but", ", which", ", as ", ", and ", " (", "**", ", because", " — "};
    std::size_t end = std::min(text.size(), at + kLongest);
    for (const std::string_view mark : kEnds)
        end = std::min(end, text.substr(0, end).find(mark, at));
    end = std::min(end, text.size());
    while (end > at && (text[end - 1] == '.' || text[end - 1] == '?' || text[end - 1] == '!'))
        --end;
    return end;
}

/// A number or a formula that can be computed, without the words after it.
std::optional<NamedAnswer> numberAt(std::string_view text, std::size_t at)
{
    const std::string_view part = text.substr(at, kLongest);
    // "12,5" has a decimal comma, "1,250" may not.
    const std::size_t comma = part.find_first_not_of("-0123456789");
    const bool decimalComma = comma != std::string_view::npos && comma > 0 && part[comma] == ','
        && comma + 1 < part.size() && isDigit(static_cast<unsigned char>(part[comma + 1]))
        && part.substr(comma + 1, 4).find_first_not_of("0123456789") != 3
        && part.size() != comma + 4;
    const MathText math = readMath(part, decimalComma ? Language::German : Language::English);
    if (math.tokens.empty() || math.tokens.front().begin > 4
        || math.tokens.front().kind == TokenKind::Word)
        return std::nullopt;
    // "x = 7": what the equation says.
    std::size_t first = 0;
    if (math.at(0).kind == TokenKind::Symbol && math.at(1).kind == TokenKind::Relation)
        first = 2;
    const TokenKind kind = math.at(std::ptrdiff_t(first)).kind;
    if (kind != TokenKind::Number && kind != TokenKind::Minus && kind != TokenKind::Fraction
        && kind != TokenKind::Root && kind != TokenKind::Pi && kind != TokenKind::Function)
        return std::nullopt;
    ExpressionReader reader(math);
    auto reading = reader.read(first);
    if (!reading || !reading->constant())
        return std::nullopt;
    // "2 + 3 = 5": the result.
    while (math.at(std::ptrdiff_t(reading->end)).kind == TokenKind::Relation) {
        auto next = reader.read(reading->end + 1);
        if (!next || !next->constant())
            break;
        reading = std::move(next);
    }
    if (reading->cut)
        return std::nullopt;
    NamedAnswer found;
    found.begin = at + math.at(std::ptrdiff_t(reading->begin)).begin;
    found.end = at + math.at(std::ptrdiff_t(reading->end) - 1).end;
    found.value = withoutMarks(text.substr(found.begin, found.end - found.begin));
    if (reading->literal != nullptr && !reading->percent && !decimalComma) {
        std::string plain;
        for (const char c : found.value)
            if (c != ',' && c != ' ')
                plain += c;
        found.value = plain;
    }
    return found;
}

/// "The answer is:", and then a list: its first number is no value.
bool isListMarker(std::string_view text, std::size_t at)
{
    std::size_t line = at;
    while (line > 0 && (text[line - 1] == ' ' || text[line - 1] == '*'))
        --line;
    std::size_t end = at;
    while (end < text.size() && isDigit(static_cast<unsigned char>(text[end])))
        ++end;
    return line > 0 && text[line - 1] == '\n' && end > at && end - at <= 3 && end + 2 < text.size()
        && (text[end] == '.' || text[end] == ')') && text[end + 1] == ' ';
}

/// A point or an interval: (3, \frac{\pi}{2}).
std::optional<NamedAnswer> tupleAt(std::string_view text, std::size_t at)
{
    const std::string_view part = text.substr(at, kLongest);
    const std::size_t open = part.starts_with("\\left(") ? 5 : 0;
    if (part.substr(open).find_first_of("([") != 0)
        return std::nullopt;
    int depth = 0;
    bool comma = false;
    for (std::size_t i = open; i < part.size() && part[i] != '\n'; ++i) {
        depth += part[i] == '(' || part[i] == '[' ? 1 : part[i] == ')' || part[i] == ']' ? -1 : 0;
        comma = comma || (part[i] == ',' && depth == 1);
        if (depth > 0)
            continue;
        if (!comma)
            return std::nullopt;
        return NamedAnswer{at, at + i + 1, withoutMarks(part.substr(0, i + 1)), true};
    }
    return std::nullopt;
}

} // namespace

std::optional<NamedAnswer> valueAt(std::string_view text, std::size_t at)
{
    at = skipAdverbs(text, at);
    if (at >= text.size())
        return std::nullopt;
    if (text.substr(at).starts_with("\\boxed{"))
        return std::nullopt; // is found as what it is
    if (isListMarker(text, at))
        return std::nullopt;
    if (auto number = numberAt(text, at))
        return number;
    if (auto tuple = tupleAt(text, at))
        return tuple;
    const std::size_t end = clauseEnd(text, at);
    const std::string_view words = text.substr(at, end - at);
    if (words.empty() || words.size() >= kLongest || namesNothing(words))
        return std::nullopt;
    NamedAnswer found{at, end, withoutMarks(words), true};
    if (found.value.empty())
        return std::nullopt;
    return found;
}

std::optional<NamedAnswer> boxedValue(std::string_view text, std::size_t at)
{
    int depth = 1;
    const std::size_t limit = std::min(text.size(), at + kLongestBox);
    std::size_t end = at;
    for (; end < limit; ++end) {
        depth += text[end] == '{' ? 1 : text[end] == '}' ? -1 : 0;
        if (depth == 0)
            break;
    }
    if (depth != 0)
        return std::nullopt;
    const std::string_view inside = text.substr(at, end - at);
    if (inside.find_first_not_of(" \t\n") == std::string_view::npos)
        return std::nullopt;
    NamedAnswer found{at, end, withoutMarks(inside), true};
    if (const auto number = numberAt(inside, 0); number && number->begin == 0
        && inside.substr(number->end).find_first_of("=<>,") == std::string_view::npos
        && number->end + 2 >= inside.size())
        found.value = number->value;
    if (found.value.empty())
        return std::nullopt;
    return found;
}

Sameness compareAnswers(std::string_view a, std::string_view b)
{
    struct Parsed {
        std::optional<Reading> reading;
        int decimals = 0;
        bool plain = false;
    };
    const auto parse = [](const MathText& math, ExpressionReader& reader) {
        Parsed parsed;
        for (std::size_t i = 0; i < math.tokens.size(); ++i) {
            const TokenKind kind = math.tokens[i].kind;
            if (kind == TokenKind::Relation)
                continue;
            if (kind == TokenKind::Symbol
                && math.at(std::ptrdiff_t(i) + 1).kind == TokenKind::Relation)
                continue;
            if (kind == TokenKind::Word && i + 1 < math.tokens.size())
                continue;
            auto found = reader.read(i);
            if (found && found->constant() && !found->cut) {
                parsed.plain = i == 0 || math.at(std::ptrdiff_t(i) - 1).kind == TokenKind::Relation;
                parsed.decimals = found->literal != nullptr ? found->literal->decimals : -1;
                // Points, intervals and lists are more than their first number.
                const TokenKind next = math.at(std::ptrdiff_t(found->end)).kind;
                if (next == TokenKind::Comma || next == TokenKind::Symbol)
                    return Parsed{};
                parsed.reading = std::move(found);
            }
            break;
        }
        return parsed;
    };
    const auto fold = [](std::string_view text) {
        std::string result;
        for (const char c : lowered(text)) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte >= 0x80 || isDigit(byte) || (byte >= 'a' && byte <= 'z') || c == '-'
                || c == '/' || c == '.')
                result += c;
        }
        return result;
    };
    std::string left = fold(a);
    std::string right = fold(b);
    for (std::string* text : {&left, &right}) {
        for (const std::string_view same : {"dfrac", "tfrac"}) {
            for (std::size_t at = text->find(same); at != std::string::npos; at = text->find(same))
                text->erase(at, 1);
        }
    }
    if (left == right)
        return Sameness::Same;
    const MathText mathA = readMath(a, Language::English);
    const MathText mathB = readMath(b, Language::English);
    ExpressionReader readerA(mathA);
    ExpressionReader readerB(mathB);
    const Parsed numberA = parse(mathA, readerA);
    const Parsed numberB = parse(mathB, readerB);
    if (numberA.reading && numberB.reading) {
        const Number& x = numberA.reading->value;
        const Number& y = numberB.reading->value;
        if (Number::compare(x, y) == 0)
            return Sameness::Same;
        const double difference = std::abs(x.toDouble() - y.toDouble());
        const int decimals = numberA.decimals >= 0 && numberB.decimals >= 0
            ? std::min(numberA.decimals, numberB.decimals)
            : std::max(numberA.decimals, numberB.decimals);
        const bool rounded = numberA.decimals != numberB.decimals
            && (numberA.decimals > 0 || numberB.decimals > 0 || numberA.decimals < 0
                || numberB.decimals < 0);
        if (rounded && decimals >= 0 && difference < std::pow(10.0, -decimals))
            return Sameness::Same;
        for (const double factor : {100.0, 0.01}) { // percent, said or not
            if ((numberA.reading->percent != numberB.reading->percent)
                && std::abs(x.toDouble() * factor - y.toDouble()) < 1e-9 * std::abs(y.toDouble()))
                return Sameness::Same;
        }
        return numberA.plain && numberB.plain ? Sameness::Different : Sameness::Unclear;
    }
    if (numberA.reading || numberB.reading || left.empty() || right.empty())
        return Sameness::Unclear;
    if (left.find(right) != std::string::npos || right.find(left) != std::string::npos)
        return Sameness::Same;
    constexpr std::size_t kShort
        = 16; // of one or two words: longer ones say the same in other words
    return left.size() <= kShort && right.size() <= kShort ? Sameness::Different
                                                           : Sameness::Unclear;
}

} // namespace ponder
