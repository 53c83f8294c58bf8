#include "engine/reasoning/equations.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "engine/reasoning/characters.h"
#include "engine/reasoning/equation_context.h"
#include "engine/reasoning/expression.h"
#include "engine/reasoning/misprint.h"
#include "engine/reasoning/relation_words.h"
#include "engine/reasoning/written_value.h"

namespace ponder {

namespace {

class EquationFinder {
public:
    explicit EquationFinder(const MathText& text)
        : m_text(text)
        , m_reader(text)
    {
    }

    Equations run()
    {
        for (std::size_t at = 0; at < m_text.tokens.size() && !m_reader.exhausted();)
            at = mayBegin(at) ? chain(at) : at + 1;
        return std::move(m_found);
    }

private:
    struct Sides {
        Reading left, right;
        RelationReading relation;
    };

    [[nodiscard]] const Token& token(std::size_t index, std::ptrdiff_t offset = 0) const
    {
        return m_text.at(std::ptrdiff_t(index) + offset);
    }

    [[nodiscard]] bool mayBegin(std::size_t at) const
    {
        switch (token(at).kind) {
        case TokenKind::Open:
            return !cutLeft(at) && !isCall(at);
        case TokenKind::Number:
        case TokenKind::BraceOpen:
        case TokenKind::Root:
        case TokenKind::Fraction:
        case TokenKind::Binomial:
        case TokenKind::Function:
        case TokenKind::Pi:
        case TokenKind::Symbol:
            return !cutLeft(at);
        case TokenKind::Minus:
        case TokenKind::Plus:
            return isSign(at);
        case TokenKind::Word:
            return token(at).word.role != WordRole::Stops && !cutLeft(at);
        default:
            return false;
        }
    }

    /// The arguments of something: f(3), arctan(1).
    [[nodiscard]] bool isCall(std::size_t at) const
    {
        const TokenKind before = token(at, -1).kind;
        return !token(at).spaceBefore && (before == TokenKind::Word || before == TokenKind::Symbol);
    }

    /// A minus that is the sign of the next number, and subtracts nothing from what is before it.
    [[nodiscard]] bool isSign(std::size_t at) const
    {
        if (cutLeft(at) || token(at, 1).kind == TokenKind::Word)
            return false;
        const Token& before = token(at, -1);
        switch (before.kind) {
        case TokenKind::Number:
        case TokenKind::Close:
        case TokenKind::BraceClose:
        case TokenKind::Percent:
        case TokenKind::Superscript:
        case TokenKind::Pi:
        case TokenKind::Factorial:
        case TokenKind::Degree:
            return false;
        case TokenKind::Word:
            return token(at).spaceBefore && !token(at, 1).spaceBefore;
        default:
            return true;
        }
    }

    /// Whether the sum began further left, with something that could not be read.
    [[nodiscard]] bool cutLeft(std::size_t at) const
    {
        const Token& before = token(at, -1);
        switch (before.kind) {
        case TokenKind::Plus:
        case TokenKind::Minus:
        case TokenKind::Times:
        case TokenKind::Divide:
        case TokenKind::FloorDivide:
        case TokenKind::Power:
        case TokenKind::Root:
        case TokenKind::Fraction:
        case TokenKind::Binomial:
        case TokenKind::Function:
        case TokenKind::Ellipsis:
        case TokenKind::Symbol:
        case TokenKind::Superscript:
        case TokenKind::Number:
            return true;
        case TokenKind::Close:
        case TokenKind::BraceClose:
        case TokenKind::Factorial:
            return !token(at).spaceBefore;
        case TokenKind::Percent:
            return token(at).kind == TokenKind::Number;
        case TokenKind::Colon: { // 2 : 3 is a ratio, "step 2: 3" is none
            const TokenKind far = token(at, -3).kind;
            const TokenKind near = token(at, -2).kind;
            if (near != TokenKind::Number && near != TokenKind::Close)
                return near == TokenKind::Symbol && far == TokenKind::Colon;
            return far == TokenKind::Relation || far == TokenKind::Colon
                || near == TokenKind::Close;
        }
        case TokenKind::Word:
            switch (before.word.role) {
            case WordRole::Plus:
            case WordRole::Minus:
            case WordRole::Times:
            case WordRole::Over:
            case WordRole::PowerOf:
            case WordRole::Mod:
            case WordRole::Digit:
            case WordRole::Hundred:
            case WordRole::Scale:
            case WordRole::Percent:
                return true;
            case WordRole::Of:
                return isShare(at - 2);
            default:
                return m_text.of(before) == "by" || m_text.of(before) == "than";
            }
        default:
            return false;
        }
    }

    /// "20% of 50", "half of 50": the share belongs to the sum. "A total of 50" is none.
    [[nodiscard]] bool isShare(std::size_t at) const
    {
        const Token& share = token(at);
        const WordRole role = share.word.role;
        return share.kind == TokenKind::Percent || share.kind == TokenKind::Number
            || role == WordRole::Half || role == WordRole::Third || role == WordRole::Quarter
            || role == WordRole::Percent;
    }

    /// Reads a = b = c from a token on; the token to go on at.
    std::size_t chain(std::size_t at)
    {
        auto left = m_reader.read(at);
        if (!left)
            return at + 1;
        std::size_t end = left->end;
        const bool name
            = left->known && left->operators == 0 && !left->unknown.empty() && at + 1 == end;
        const std::string_view called = left->unknown;
        bool signs = true;
        for (;;) {
            if (left->cut)
                break;
            const auto relation = relationAt(m_text, left->end);
            if (!relation)
                break;
            signs = signs && !relation->words && relation->relation == Relation::Equal;
            auto right = m_reader.read(relation->end);
            if (!right) {
                end = std::max(end, relation->end);
                break;
            }
            end = right->end;
            Sides sides{std::move(*left), std::move(*right), *relation};
            check(sides);
            solve(sides);
            left = std::move(sides.right);
        }
        if (name && signs && left->literal != nullptr && !left->cut && left->begin > at)
            m_found.assignments.push_back(
                {called, left->value, token(at).begin, token(left->end, -1).end});
        return std::max(end, at + 1);
    }

    [[nodiscard]] static bool isEquality(Relation relation)
    {
        return relation == Relation::Equal || relation == Relation::Approximate;
    }

    void check(const Sides& sides)
    {
        if (!sides.left.constant() || !sides.right.constant() || sides.right.cut
            || isOpenEnded(sides))
            return;
        if (sides.relation.relation == Relation::Congruent)
            return checkCongruence(sides);
        if (!isEquality(sides.relation.relation))
            return checkOrder(sides);
        if (sides.left.operators == 0 && !standsAlone(sides.left))
            return;
        if (token(sides.left.begin, -1).word.role == WordRole::Label && !sides.left.product
            && !sides.left.division)
            return; // "two of age 1 + two newborns": the first number may be a name
        if (isMixed(sides.left) || isAngle(sides))
            return;
        // "(1 + 3), that's one set": a result in words belongs to a sum in words.
        const WordRole first = token(sides.right.begin).word.role;
        if ((first == WordRole::Digit || first == WordRole::Hundred)
            && token(sides.left.begin).kind != TokenKind::Word)
            return;
        const Verdict verdict = compare(sides.left, sides.right, sides.relation);
        if (verdict != Verdict::Wrong && verdict != Verdict::Rounding)
            return;
        if (holdsOtherwise(sides) || convertible(sides.left, sides.right) || isQuotient(sides)
            || isCongruence(sides) || isPrefixed(sides) || isRange(sides) || isCorrected(sides))
            return;
        mark(sides, verdict);
    }

    static Verdict compare(
        const Reading& left, const Reading& right, const RelationReading& relation)
    {
        const bool approximate = relation.relation == Relation::Approximate;
        if (left.operators == 0 && (right.operators == 0 || relation.words))
            return Verdict::Unclear;
        if (left.end == left.begin + 1 && left.literal == nullptr && !approximate)
            return Verdict::Unclear; // π may be a name, too
        if (right.literal != nullptr)
            return compareWritten(left, right, approximate);
        if (left.literal != nullptr && !left.unitPhrase)
            return compareWritten(right, left, approximate);
        if (left.operators == 0 || right.operators == 0)
            return Verdict::Unclear;
        return compareSums(left, right, approximate || relation.words);
    }

    /// Whether a number before the sum that it is said to be begins the line: "cross (3) = 1+3" has none.
    [[nodiscard]] bool standsAlone(const Reading& number) const
    {
        const TokenKind before = token(number.begin, -1).kind;
        return before == TokenKind::Newline || before == TokenKind::Boundary
            || before == TokenKind::Relation || before == TokenKind::Stop;
    }

    /// "1 and 19/85" is one number.
    [[nodiscard]] bool isMixed(const Reading& left) const
    {
        return left.fraction && token(left.begin, -1).word.role == WordRole::Stops
            && token(left.begin, -2).kind == TokenKind::Number;
    }

    /// π/4 is 45 degrees.
    [[nodiscard]] bool isAngle(const Sides& sides) const
    {
        const Token& next = token(sides.right.end);
        const bool degrees = token(sides.right.end, -1).kind == TokenKind::Degree
            || (next.kind == TokenKind::Word && lowered(m_text.of(next).substr(0, 6)) == "degree");
        if (!degrees)
            return false;
        for (std::size_t at = sides.left.begin; at < sides.left.end; ++at) {
            if (token(at).kind == TokenKind::Pi || token(at).kind == TokenKind::Function)
                return true;
        }
        return false;
    }

    /// What follows says that the number is not what is meant: "3 more than", "2 : 3", "12 345".
    [[nodiscard]] bool isOpenEnded(const Sides& sides) const
    {
        const Token& next = token(sides.right.end);
        const Token& after = token(sides.right.end, 1);
        if (next.kind == TokenKind::Colon && !next.spaceBefore)
            return after.kind == TokenKind::Number || after.kind == TokenKind::Minus;
        if (next.kind == TokenKind::Word) {
            const WordRole role = next.word.role;
            if (role == WordRole::Clock)
                return true;
            if (role == WordRole::Times
                && (after.kind == TokenKind::Number || m_text.of(after) == "as"
                    || after.word.role == WordRole::More))
                return true;
            if (sides.relation.words
                && (role == WordRole::More || role == WordRole::Of || role == WordRole::Half
                    || after.word.role == WordRole::More))
                return true;
        }
        if (next.kind == TokenKind::Minus && !next.spaceBefore && after.kind == TokenKind::Word)
            return sides.relation.words; // 3-digit
        if (sides.relation.words && (sides.left.onlyTight || sides.right.operators > 0))
            return !(sides.right.operators == 0 && sides.right.decimals);
        return false;
    }

    void checkOrder(const Sides& sides)
    {
        if (sides.left.operators == 0 && sides.right.operators == 0)
            return;
        if (sides.relation.words || sides.relation.relation == Relation::NotEqual
            || sides.relation.relation == Relation::Congruent)
            return;
        const int order = Number::compare(sides.left.value, sides.right.value);
        const bool holds = sides.relation.relation == Relation::Less ? order < 0
            : sides.relation.relation == Relation::Greater           ? order > 0
            : sides.relation.relation == Relation::LessOrEqual       ? order <= 0
                                                                     : order >= 0;
        if (!holds && !convertible(sides.left, sides.right)
            && !isCondition(
                m_text.text, token(sides.left.begin).begin, token(sides.right.end, -1).end))
            mark(sides, Verdict::Wrong);
    }

    /// 17 ≡ 2 (mod 5)
    void checkCongruence(const Sides& sides)
    {
        std::size_t at = sides.right.end;
        at += token(at).kind == TokenKind::Open ? 1 : 0;
        for (std::size_t i = sides.right.begin; i < sides.right.end; ++i) // \pmod has no bracket
            at = token(i).word.role == WordRole::Mod ? i : at;
        if (token(at).word.role != WordRole::Mod)
            return;
        const auto modulus = m_reader.read(at + 1);
        if (!modulus || !modulus->constant() || modulus->value.isZero()
            || !sides.left.value.isInteger() || !sides.right.value.isInteger())
            return;
        const auto difference = Number::subtract(sides.left.value, sides.right.value);
        const auto rest = difference ? Number::modulo(*difference, modulus->value) : std::nullopt;
        const auto value = Number::modulo(sides.left.value, modulus->value);
        if (!rest || rest->isZero() || !value)
            return;
        Sides reduced = sides;
        reduced.left.value = *value;
        mark(reduced, Verdict::Wrong);
    }

    /// Tries the other ways in which the two sides may be read.
    [[nodiscard]] bool holdsOtherwise(const Sides& sides)
    {
        const unsigned possible = unsigned(sides.left.alternatives) | sides.right.alternatives
            | (sides.left.division && sides.right.literal != nullptr
                        && sides.right.literal->decimals == 0 && sides.relation.words
                    ? unsigned(Alternative::FloorDivision)
                    : 0U);
        for (int bit = 0; bit < kAlternatives; ++bit) {
            const auto alternative = static_cast<Alternative>(1U << unsigned(bit));
            if ((possible & unsigned(alternative)) == 0)
                continue;
            const auto left = m_reader.read(sides.left.begin, alternative);
            const auto right = m_reader.read(sides.right.begin, alternative);
            if (!left || !right)
                continue;
            if (!left->constant() || !right->constant())
                continue;
            if (compare(*left, *right, sides.relation) == Verdict::Holds)
                return true;
            const bool mixed = alternative == Alternative::PercentAsNumber
                || alternative == Alternative::Unscaled;
            if (mixed
                && (compare(*left, sides.right, sides.relation) == Verdict::Holds
                    || compare(sides.left, *right, sides.relation) == Verdict::Holds))
                return true;
        }
        return false;
    }

    /// 17 / 5 = 3, remainder 2.
    [[nodiscard]] bool isQuotient(const Sides& sides) const
    {
        if (!sides.left.division)
            return false;
        bool remainder = false;
        for (std::size_t ahead = 0; ahead < 6; ++ahead) {
            const Token& next = token(sides.right.end, std::ptrdiff_t(ahead));
            if (next.kind == TokenKind::Newline || next.kind == TokenKind::Boundary)
                break;
            remainder = remainder || next.word.role == WordRole::Remainder
                || (next.kind == TokenKind::Symbol && m_text.of(next) == "R");
        }
        const auto whole = remainder ? Number::floor(sides.left.value) : std::nullopt;
        return whole && Number::compare(*whole, sides.right.value) == 0;
    }

    /// Pages 10-15 = 6 pages.
    [[nodiscard]] bool isRange(const Sides& sides) const
    {
        const bool hyphen = sides.left.end == sides.left.begin + 3
            && token(sides.left.begin + 1).kind == TokenKind::Minus;
        if (!hyphen || !sides.left.onlyTight)
            return false;
        const auto count = Number::subtract(Number(1), sides.left.value);
        return count && Number::compare(*count, sides.right.value) == 0;
    }

    /// 12 + 13 = 2... 25; 12 + 13 = 24, no, 25: the number is written again.
    [[nodiscard]] bool isCorrected(const Sides& sides) const
    {
        constexpr std::size_t kReach = 6; // tokens
        for (std::size_t at = sides.right.end; at < sides.right.end + kReach; ++at) {
            const Token& next = token(at);
            if (next.kind == TokenKind::Number)
                return Number::compare(m_text.literals[next.literal].value, sides.left.value) == 0
                    && (at > sides.right.end
                        || (sides.right.literal != nullptr && sides.right.literal->goesOn));
            const std::string_view word = m_text.of(next);
            const bool doubts = word == "no" || word == "wait" || word == "sorry"
                || word == "rather" || word == "I" || word == "mean" || word == "oops"
                || word == "actually" || word == "er" || word == "uh" || word == "nein"
                || word == "Moment" || word == "不" || word == "—" || word == "No"
                || word == "Wait";
            if (!doubts && next.kind != TokenKind::Comma && next.kind != TokenKind::Ellipsis)
                return false;
        }
        return false;
    }

    /// (2 mF) * (5 V) = 0.01 C: units with letters for thousands.
    [[nodiscard]] bool isPrefixed(const Sides& sides) const
    {
        const auto isShort = [this](std::size_t at) {
            const Token& next = token(at);
            return (next.kind == TokenKind::Word || next.kind == TokenKind::Symbol)
                && next.end - next.begin <= 4;
        };
        bool units = false;
        for (std::size_t at = sides.left.begin + 1; at < sides.left.end; ++at)
            units = units || (token(at, -1).kind == TokenKind::Number && isShort(at));
        const bool named = isShort(sides.right.end)
            || (token(sides.right.end, -1).kind == TokenKind::Symbol
                && isShort(sides.right.end - 1));
        if (!units || !named || sides.right.value.isZero())
            return false;
        const double digits
            = std::log10(std::abs(sides.left.value.toDouble() / sides.right.value.toDouble())) / 3;
        return std::abs(digits) > 0.5 && std::abs(digits - std::round(digits)) < 1e-3;
    }

    /// 10 + 5 = 3 (mod 12).
    [[nodiscard]] bool isCongruence(const Sides& sides) const
    {
        for (std::size_t ahead = 0; ahead < 3; ++ahead) {
            if (token(sides.right.end, std::ptrdiff_t(ahead)).word.role == WordRole::Mod)
                return true;
        }
        return false;
    }

    /// "5x = 3000, x = 60": remembers the first, checks the second by it.
    void solve(const Sides& sides)
    {
        if (sides.relation.relation != Relation::Equal || sides.relation.words || sides.right.cut)
            return;
        const Reading& left = sides.left;
        const Reading& right = sides.right;
        if (!left.known || !right.known)
            return;
        const bool solution
            = !left.unknown.empty() && left.operators == 0 && right.literal != nullptr;
        if (solution) {
            checkSolution(sides);
            m_equation.reset();
            return;
        }
        m_equation.reset();
        if (left.unknown.empty() == right.unknown.empty())
            return; // of two variables, or none
        const Reading& with = left.unknown.empty() ? right : left;
        const Reading& without = left.unknown.empty() ? left : right;
        const auto difference = Number::subtract(without.value, with.value);
        if (const auto value = difference ? Number::divide(*difference, with.slope) : std::nullopt)
            m_equation
                = Equation{with.unknown, *value, right.end, with.decimals || without.decimals};
    }

    struct Equation {
        std::string_view unknown;
        Number value;
        std::size_t end = 0;
        bool decimals = false;
    };

    void checkSolution(const Sides& sides)
    {
        constexpr std::size_t kMaxWordsBetween = 14;
        if (!m_equation || m_equation->unknown != sides.left.unknown
            || sides.left.begin - m_equation->end > kMaxWordsBetween)
            return;
        for (std::size_t i = m_equation->end; i < sides.left.begin; ++i) {
            const TokenKind kind = token(i).kind;
            if (kind != TokenKind::Word && kind != TokenKind::Comma && kind != TokenKind::Stop
                && kind != TokenKind::Newline && kind != TokenKind::Boundary
                && kind != TokenKind::Colon
                && !(kind == TokenKind::Symbol && m_text.of(token(i)) == sides.left.unknown))
                return;
            const std::string_view word = m_text.of(token(i));
            if (token(i).word.role == WordRole::Hypothesis || word == "and" || word == "or"
                || word == "und" || word == "oder")
                return;
        }
        const Token& next = token(sides.right.end);
        if (next.kind == TokenKind::Comma && token(sides.right.end, 1).kind == TokenKind::Number)
            return;
        Sides solved = sides;
        solved.left.known = true;
        solved.left.unknown = {};
        solved.left.value = m_equation->value;
        solved.left.decimals = m_equation->decimals;
        solved.left.operators = 1;
        const Verdict verdict = compareWritten(solved.left, sides.right, false);
        if (verdict == Verdict::Wrong)
            mark(solved, verdict, true);
    }

    void mark(const Sides& sides, Verdict verdict, bool solved = false)
    {
        const std::size_t begin = token(sides.left.begin).begin;
        const std::size_t end = token(sides.right.end, -1).end;
        if (isDisowned(m_text.text, begin, end))
            return;
        const bool reversed = sides.left.literal != nullptr && sides.right.literal == nullptr;
        const Reading& sum = reversed ? sides.right : sides.left;
        const Reading& written = reversed ? sides.left : sides.right;
        FalseEquation found;
        found.begin = begin;
        found.end = end;
        found.expression = textOf(sum);
        found.written = textOf(written);
        if (!isEquality(sides.relation.relation) && sides.relation.relation != Relation::Congruent)
            found.written = textOf(sides.left.end, sides.right.end); // "> 5"
        Number value = sum.value;
        if (written.percent) {
            if (const auto percent = Number::multiply(value, Number(100)))
                value = *percent;
            found.value = valueText(value, &written) + "%";
        } else {
            found.value = valueText(value, &written);
        }
        found.solved = solved;
        found.misprint = !solved && isMisprint(m_text, sum, written);
        found.rounding = verdict == Verdict::Rounding;
        m_found.wrong.push_back(std::move(found));
    }

    [[nodiscard]] std::string textOf(const Reading& reading) const
    {
        return textOf(reading.begin, reading.end);
    }

    [[nodiscard]] std::string textOf(std::size_t first, std::size_t last) const
    {
        const std::size_t begin = token(first).begin;
        const std::size_t end = token(last, -1).end;
        return std::string(m_text.text.substr(begin, end - begin));
    }

    const MathText& m_text;
    ExpressionReader m_reader;
    Equations m_found;
    std::optional<Equation> m_equation;
};

} // namespace

Equations readEquations(const MathText& text)
{
    return EquationFinder(text).run();
}

} // namespace ponder
