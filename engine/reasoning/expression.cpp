#include "engine/reasoning/expression.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "engine/reasoning/characters.h"
#include "engine/reasoning/expression_parse.h"
#include "engine/reasoning/reading_arithmetic.h"

namespace ponder {

namespace {

constexpr std::size_t kMaxHeight = 24; ///< of brackets in brackets
constexpr std::size_t kMaxReach = 500; ///< tokens between two brackets

} // namespace

ExpressionReader::ExpressionReader(const MathText& text)
    : m_text(text)
    , m_partner(text.tokens.size(), 0)
    , m_limit(50'000 + 40 * text.tokens.size())
{
    struct OpenBracket {
        std::uint32_t token;
        std::size_t height;
    };
    std::vector<OpenBracket> open;
    for (std::size_t i = 0; i < text.tokens.size(); ++i) {
        const TokenKind kind = text.tokens[i].kind;
        if (kind == TokenKind::Boundary)
            open.clear();
        if (kind == TokenKind::Open || kind == TokenKind::BraceOpen)
            open.push_back({static_cast<std::uint32_t>(i), 1});
        if ((kind != TokenKind::Close && kind != TokenKind::BraceClose) || open.empty())
            continue;
        const OpenBracket bracket = open.back();
        open.pop_back();
        const bool brace = text.tokens[bracket.token].kind == TokenKind::BraceOpen;
        if (brace == (kind == TokenKind::BraceClose) && i - bracket.token <= kMaxReach
            && bracket.height <= kMaxHeight)
            m_partner[bracket.token] = static_cast<std::uint32_t>(i);
        if (!open.empty())
            open.back().height = std::max(open.back().height, bracket.height + 1);
    }
}

std::optional<Reading> ExpressionReader::read(std::size_t token, Alternative alternative)
{
    if (exhausted())
        return std::nullopt;
    return ExpressionParse(*this, token, alternative).run();
}

bool ExpressionReader::isDash(std::size_t token) const
{
    const Token& sign = m_text.at(std::ptrdiff_t(token));
    const Token& next = m_text.at(std::ptrdiff_t(token) + 1);
    return sign.kind == TokenKind::Minus && next.kind == TokenKind::Word
        && next.word.role != WordRole::Digit && sign.spaceBefore == next.spaceBefore;
}

std::optional<Reading> ExpressionParse::run()
{
    auto reading = sum();
    if (!reading)
        return std::nullopt;
    reading->begin = m_begin;
    reading->end = m_at;
    reading->alternatives |= m_alternatives;
    const Token& next = token();
    const bool minus = next.kind == TokenKind::Minus && !m_reader.isDash(m_at);
    const bool perUnit = next.kind == TokenKind::Divide && token(1).kind == TokenKind::Word;
    if (minus || next.kind == TokenKind::Plus || next.kind == TokenKind::Times
        || (next.kind == TokenKind::Divide && !perUnit) || next.kind == TokenKind::Power
        || next.kind == TokenKind::Root || next.kind == TokenKind::Ellipsis
        || next.kind == TokenKind::Superscript || next.kind == TokenKind::Symbol
        || next.kind == TokenKind::Function || next.kind == TokenKind::Fraction
        || next.kind == TokenKind::Pi || (next.kind == TokenKind::Open && !next.spaceBefore)
        || (next.kind == TokenKind::Number && !next.spaceBefore))
        reading->cut = true;
    return reading;
}

std::optional<Reading> ExpressionParse::sum()
{
    auto left = product();
    if (!left)
        return std::nullopt;
    bool first = true;
    for (;;) {
        const Token& sign = token();
        const bool minus = sign.kind == TokenKind::Minus || isWord(WordRole::Minus);
        if (!minus && sign.kind != TokenKind::Plus && !isWord(WordRole::Plus))
            return left;
        if (m_reader.isDash(m_at) || !step())
            return left;
        const std::size_t before = m_at++;
        const bool tight
            = sign.kind == TokenKind::Minus && !sign.spaceBefore && !token().spaceBefore;
        auto right = product();
        if (!right) {
            m_at = before;
            left->cut = true;
            return left;
        }
        if (first)
            left->lead = left->known ? std::optional(left->value) : std::nullopt;
        noteSum(
            *left, *right, first && minus && sign.spaceBefore && token(0).kind != TokenKind::Comma);
        if (is(Alternative::PercentOfLeft) && right->percent && left->known)
            multiplyReading(*right, *left);
        mergeNotes(*left, *right);
        addReading(*left, *right, minus);
        left->onlyTight = left->onlyTight && right->onlyTight && tight;
        if (tight && text().of(sign) != "-" && left->known && left->value.isNegative())
            left->known = false; // 5–7 is a range
        if (first && is(Alternative::SkipLabel)) {
            *left = *right; // what stood before was a name
            left->operators += 1;
        }
        left->unitPhrase = right->unitPhrase;
        first = false;
    }
}

/// What a sum could also mean.
void ExpressionParse::noteSum(Reading& left, const Reading& right, bool mayBeLabel)
{
    if (right.percent)
        note(left, Alternative::PercentOfLeft);
    if (mayBeLabel && m_begin > 0
        && text().at(std::ptrdiff_t(m_begin) - 1).word.role == WordRole::Label)
        note(left, Alternative::SkipLabel);
    const auto cents = [](const Reading& a, const Reading& b) {
        return a.literal != nullptr && b.literal != nullptr && a.literal->decimals == 2
            && b.literal->decimals == 0 && !b.currency;
    };
    if (cents(left, right) || cents(right, left))
        note(left, Alternative::Cents);
}

std::optional<Reading> ExpressionParse::product()
{
    auto left = unary();
    if (!left)
        return std::nullopt;
    bool first = true;
    for (;;) {
        const Operation operation = productOperation(*left);
        if (operation.kind == Operation::Kind::None || !step())
            return left;
        const std::size_t before = m_at;
        m_at += operation.tokens;
        const Token& sign = text().at(std::ptrdiff_t(before));
        const std::string_view written = text().of(sign);
        // 9/11, a 2x4: perhaps a name.
        const bool nameLike
            = sign.kind == TokenKind::Divide || written == "x" || written == "X" || written == "×";
        const bool tight
            = nameLike && operation.tokens == 1 && !sign.spaceBefore && !token().spaceBefore;
        const bool exponent = isFlatExponent();
        auto right = operation.implicit ? power() : unary();
        if (right && exponent)
            right->known = false;
        if (!right) {
            m_at = before;
            left->cut = left->cut || (!operation.implicit && token().kind != TokenKind::Word);
            return left;
        }
        if (operation.kind == Operation::Kind::Divide && operation.tokens == 1)
            extendDivisor(*left, *right);
        if (!operation.implicit && isTightDivision())
            bindTightly(*left, *right);
        if (first)
            left->lead = left->known ? std::optional(left->value) : std::nullopt;
        const bool fraction = tight && operation.kind == Operation::Kind::Divide
            && left->literal != nullptr && right->literal != nullptr && left->operators == 0
            && left->literal->decimals == 0 && right->literal->decimals == 0;
        mergeNotes(*left, *right);
        left->onlyTight = left->onlyTight && right->onlyTight && tight;
        switch (operation.kind) {
        case Operation::Kind::Divide:
            divideReading(*left, *right);
            if (is(Alternative::FloorDivision))
                applyReading(*left, left->constant() ? Number::floor(left->value) : std::nullopt);
            break;
        case Operation::Kind::FloorDivide:
            divideReading(*left, *right);
            applyReading(*left, left->constant() ? Number::floor(left->value) : std::nullopt);
            break;
        case Operation::Kind::Modulo:
            moduloReading(*left, *right);
            break;
        default:
            multiplyReading(*left, *right);
        }
        left->fraction = fraction;
        left->unitPhrase = right->unitPhrase;
        first = false;
    }
}

/// "5.2 x 10-4": a power of ten that lost its raised digits.
bool ExpressionParse::isFlatExponent() const
{
    return token().kind == TokenKind::Number && text().of(token()) == "10"
        && token(1).kind == TokenKind::Minus && !token(1).spaceBefore
        && token(2).kind == TokenKind::Number && !token(2).spaceBefore && token().spaceBefore;
}

/// 26/5 ÷ 17/4: the slash without spaces may bind first.
bool ExpressionParse::isTightDivision() const
{
    return token().kind == TokenKind::Divide && !token().spaceBefore
        && token(1).kind == TokenKind::Number && !token(1).spaceBefore;
}

void ExpressionParse::bindTightly(Reading& left, Reading& right)
{
    note(left, Alternative::TightFraction);
    if (!is(Alternative::TightFraction))
        return;
    ++m_at;
    if (auto divisor = power()) {
        mergeNotes(right, *divisor);
        divideReading(right, *divisor);
    }
}

/// 1/2π may be 1/(2π).
void ExpressionParse::extendDivisor(Reading& left, Reading& divisor)
{
    const TokenKind next = token().kind;
    const bool factor = next == TokenKind::Pi || next == TokenKind::Root
        || (next == TokenKind::Open && !token().spaceBefore) || next == TokenKind::Symbol;
    if (!factor)
        return;
    note(left, Alternative::LooseDivision);
    if (!is(Alternative::LooseDivision))
        return;
    if (auto more = power()) {
        mergeNotes(divisor, *more);
        multiplyReading(divisor, *more);
    }
}

ExpressionParse::Operation ExpressionParse::productOperation(const Reading& left)
{
    using Kind = Operation::Kind;
    const Token& next = token();
    switch (next.kind) {
    case TokenKind::Times:
        return {Kind::Times, 1, false};
    case TokenKind::Divide:
        if (token(1).kind == TokenKind::Word && token(1).word.role != WordRole::Digit)
            return {}; // $2/hr
        return {Kind::Divide, 1, false};
    case TokenKind::FloorDivide:
        return {Kind::FloorDivide, 1, false};
    case TokenKind::Percent: // modulo: what is a percentage was read with its number
        return {Kind::Modulo, 1, false};
    case TokenKind::Open:
    case TokenKind::Root:
    case TokenKind::Fraction:
    case TokenKind::Binomial:
    case TokenKind::Function:
    case TokenKind::Pi:
    case TokenKind::Symbol:
        if (left.percent || left.unitPhrase)
            return {};
        return {Kind::Times, 0, true};
    case TokenKind::Word:
        break;
    default:
        return {};
    }
    switch (next.word.role) {
    case WordRole::Times:
        return {Kind::Times,
            token(1).kind == TokenKind::Word
                    && (text().of(token(1)) == "by" || text().of(token(1)) == "mit")
                ? 2U
                : 1U,
            false};
    case WordRole::Divided:
        if (token(1).kind == TokenKind::Word
            && (text().of(token(1)) == "by" || text().of(token(1)) == "durch"))
            return {Kind::Divide, 2, false};
        return {};
    case WordRole::Over:
        return {Kind::Divide, 1, false};
    case WordRole::Mod:
        return {Kind::Modulo, 1, false};
    case WordRole::Of:
        if (left.percent || left.fraction)
            return {Kind::Times, 1, false};
        return {};
    default:
        return {};
    }
}

/// Skips a bracket after a number that says the same number once more: 262144 (2^18).
bool ExpressionParse::remark(const Reading& number)
{
    const std::uint32_t close = m_reader.m_partner[m_at];
    if (!token().spaceBefore || close == 0 || number.literal == nullptr || m_depth > 4)
        return false;
    note(m_alternatives, Alternative::BracketRemark);
    if (!is(Alternative::BracketRemark)) {
        ExpressionParse inside(m_reader, m_at + 1, Alternative::None, m_depth + 5);
        const auto value = inside.run();
        if (!value || inside.m_at != close || !value->constant() || value->operators == 0
            || Number::compare(value->value, number.value) != 0)
            return false;
    }
    m_at = close + 1;
    return true;
}

std::optional<Reading> ExpressionParse::unary()
{
    if (token().kind != TokenKind::Minus && token().kind != TokenKind::Plus)
        return power();
    if (!step() || m_depth > kMaxDepth)
        return std::nullopt;
    const bool minus = token().kind == TokenKind::Minus;
    const std::size_t before = m_at++;
    ++m_depth;
    const bool number = token().kind == TokenKind::Number;
    auto reading = unary();
    --m_depth;
    if (!reading) {
        m_at = before;
        return std::nullopt;
    }
    if (!minus)
        return reading;
    const bool raised = number && reading->operators > 0;
    if (raised)
        note(*reading, Alternative::SignedBase);
    negateReading(*reading);
    if (raised && is(Alternative::SignedBase) && reading->known && reading->value.isNegative())
        negateReading(*reading);
    return reading;
}

std::optional<Reading> ExpressionParse::power()
{
    if (++m_depth > kMaxDepth) {
        --m_depth;
        return std::nullopt;
    }
    auto base = postfix();
    if (base) {
        if (token().kind == TokenKind::Superscript) {
            Reading exponent;
            exponent.known = true;
            exponent.value = text().literals[token().literal].value;
            ++m_at;
            raise(*base, exponent);
        } else if (token().kind == TokenKind::Power || isWord(WordRole::PowerOf)) {
            const std::size_t before = m_at++;
            const bool units = std::exchange(m_units, false);
            auto exponent = token().kind == TokenKind::BraceOpen ? group() : unary();
            m_units = units;
            if (exponent) {
                raise(*base, *exponent);
            } else {
                m_at = before;
                base->cut = true;
            }
        }
    }
    --m_depth;
    return base;
}

void ExpressionParse::raise(Reading& base, const Reading& exponent)
{
    mergeNotes(base, exponent);
    base.onlyTight = false;
    raiseReading(base, exponent);
    charge(base, 1);
}

std::optional<Reading> ExpressionParse::postfix()
{
    auto reading = primary();
    if (!reading)
        return std::nullopt;
    for (;;) {
        const Token& next = token();
        if (next.kind == TokenKind::Factorial) {
            ++m_at;
            note(*reading, Alternative::Exclamation);
            if (is(Alternative::Exclamation))
                continue;
            applyReading(
                *reading, reading->constant() ? Number::factorial(reading->value) : std::nullopt);
            charge(*reading, 4);
        } else if (next.kind == TokenKind::Percent && !isModulo()) {
            ++m_at;
            percent(*reading);
        } else if (isWord(WordRole::Percent) && next.spaceBefore) {
            ++m_at;
            percent(*reading);
        } else if (next.kind == TokenKind::Degree) {
            ++m_at;
        } else if (isWord(WordRole::Squared) || isWord(WordRole::Cubed)) {
            Reading exponent;
            exponent.known = true;
            exponent.value = Number(next.word.role == WordRole::Squared ? 2 : 3);
            ++m_at;
            raise(*reading, exponent);
        } else if (!unitPhrase(*reading)) {
            return reading;
        }
    }
}

/// "17 % 5" and "17 mod 5", not "17% of".
bool ExpressionParse::isModulo() const
{
    return token().spaceBefore && token(1).kind == TokenKind::Number;
}

void ExpressionParse::percent(Reading& reading)
{
    note(reading, Alternative::PercentAsNumber);
    const bool literal = reading.literal != nullptr;
    if (!is(Alternative::PercentAsNumber)) {
        Reading hundred;
        hundred.known = true;
        hundred.value = Number(100);
        const bool division = reading.division;
        divideReading(reading, hundred);
        reading.division = division;
    }
    reading.percent = literal;
}

} // namespace ponder
