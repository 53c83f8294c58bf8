#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "engine/reasoning/characters.h"
#include "engine/reasoning/hints.h"

namespace ponder {

namespace {

constexpr std::size_t kMaxStatement = 400; ///< bytes

constexpr std::array<std::string_view, 25> kGivenCues = {"we are given", "we're given",
    "is given as", "are given as", "the problem says", "the problem states", "the question says",
    "the question states", "the problem gives", "according to the problem",
    "according to the question", "we are told", "we're told", "the problem mentions", "题目说",
    "题目给出", "题目中说", "根据题目", "已知", "laut aufgabe", "laut der aufgabe",
    "die aufgabe sagt", "gegeben ist", "gegeben sind", "in der aufgabe steht"};

/// Where a statement of what is given ends: what follows is worked out.
std::size_t statementEnd(std::string_view lower, std::size_t at)
{
    constexpr std::array<std::string_view, 27> kEnds = {"(", ".\" ", " if ", " would ", "perhaps",
        "maybe", "likely", " usually", ", we ", ", i ", ". ", ".\n", "\n", "。", "；", "; ", "? ",
        "=", "≈", " so ", " which ", " therefore", " then ", " but ", " because", "所以", " also "};
    std::size_t end = std::min(lower.size(), at + kMaxStatement);
    for (const std::string_view mark : kEnds)
        end = std::min(end, lower.substr(0, end).find(mark, at));
    return std::min(end, lower.size());
}

/// All runs of digits of the question, with point or comma, and its number words.
bool isInQuestion(const MathText& question, const Number& value)
{
    for (const Token& token : question.tokens) {
        if (token.kind == TokenKind::Word && token.word.role == WordRole::Digit
            && Number::compare(Number(token.word.value), value) == 0)
            return true;
        if (token.kind == TokenKind::Number) {
            const Number& given = question.literals[token.literal].value;
            const auto hundredth = Number::divide(given, Number(100)); // 6% is 0.06
            if (Number::compare(given, value) == 0
                || (hundredth && Number::compare(*hundredth, value) == 0))
                return true;
        }
    }
    return false;
}

} // namespace

std::vector<Hint> ungivenNumbers(const MathText& thought, const MathText& question)
{
    std::vector<Hint> hints;
    if (question.tokens.empty())
        return hints;
    const std::string lower = lowered(thought.text);
    for (const std::string_view cue : kGivenCues) {
        for (std::size_t at = lower.find(cue); at != std::string::npos;
            at = lower.find(cue, at + cue.size())) {
            const std::size_t begin = at + cue.size();
            const std::size_t end = statementEnd(lower, begin);
            auto token = std::ranges::lower_bound(thought.tokens, begin, {}, &Token::begin);
            for (; token != thought.tokens.end() && token->end <= end; ++token) {
                const auto place = token - thought.tokens.begin();
                const TokenKind before = thought.at(place - 1).kind;
                const Token& next = thought.at(place + 1);
                const bool part = before == TokenKind::Divide || next.kind == TokenKind::Divide
                    || (next.kind == TokenKind::Symbol && !next.spaceBefore);
                if (token->kind != TokenKind::Number || part)
                    continue;
                const Literal& literal = thought.literals[token->literal];
                // Small numbers count and name things.
                if (literal.value.toDouble() <= 2 || isInQuestion(question, literal.value))
                    continue;
                // A digit of something longer: "66666_16", "A1".
                const std::string digits(thought.of(*token));
                if (question.text.find(digits) != std::string_view::npos)
                    continue;
                hints.push_back({token->begin, token->end, digits, {},
                    digits + " is said to be given, but the question does not have it."});
            }
        }
    }
    std::ranges::sort(hints, {}, &Hint::begin);
    return hints;
}

std::vector<Hint> contradictions(std::string_view text, const std::vector<Assignment>& assignments,
    const std::vector<std::size_t>& attempts)
{
    constexpr std::size_t kReach = 1500; // bytes between the two
    constexpr std::size_t kCompared = 8; // assignments that are looked back
    static constexpr std::array<std::string_view, 24> kCases = {"if ", "case", "when ", "try",
        "let ", "suppose", "assume", " or ", "now ", "new ", "step", "then ", "year", "day", "for ",
        "test", "say ", "option", "wait", "instead", "wenn", "fall", "如果", "假设"};
    // "So x = 5" and later "therefore x = 7"; what only sets or tries a value is left alone.
    const auto concludes = [text](const Assignment& assignment) {
        constexpr std::array<std::string_view, 13> kConclusions = {"so ", "so, ", "therefore",
            "thus", "hence", "gives ", "get ", "means ", "also ", "daher ", "所以", "因此", "得"};
        const std::size_t from = assignment.begin > 24 ? assignment.begin - 24 : 0;
        const std::string near = lowered(text.substr(from, assignment.begin - from));
        const std::size_t wide = assignment.begin > 80 ? assignment.begin - 80 : 0;
        const std::string around = lowered(text.substr(wide, assignment.end - wide + 20));
        const auto in = [](const std::string& where) {
            return
                [&where](std::string_view word) { return where.find(word) != std::string::npos; };
        };
        return std::ranges::any_of(kConclusions, in(near))
            && std::ranges::none_of(kCases, in(around));
    };
    std::vector<Hint> hints;
    for (std::size_t i = 1; i < assignments.size(); ++i) {
        const Assignment& now = assignments[i];
        for (std::size_t back = 1; back <= std::min(i, kCompared); ++back) {
            const Assignment& before = assignments[i - back];
            if (before.name != now.name)
                continue;
            const auto attemptOf = [&attempts](std::size_t place) {
                return std::ranges::upper_bound(attempts, place) - attempts.begin();
            };
            const double a = before.value.toDouble();
            const double b = now.value.toDouble();
            const bool same = Number::compare(before.value, now.value) == 0
                || std::abs(a - b) <= 0.02 * std::max(std::abs(a), std::abs(b));
            if (!same && now.begin - before.end < kReach
                && attemptOf(before.begin) == attemptOf(now.begin) && concludes(before)
                && concludes(now)) {
                const std::string old(text.substr(before.begin, before.end - before.begin));
                const std::string written(text.substr(now.begin, now.end - now.begin));
                hints.push_back({now.begin, now.end, written, old, "Before, it says " + old + "."});
            }
            break;
        }
    }
    return hints;
}

} // namespace ponder
