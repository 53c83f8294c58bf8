#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "engine/reasoning/characters.h"
#include "engine/reasoning/expression_parse.h"
#include "engine/reasoning/reading_arithmetic.h"

namespace ponder {

namespace {

Reading knownReading(const Number& value)
{
    Reading reading;
    reading.known = true;
    reading.value = value;
    return reading;
}

} // namespace

std::optional<Reading> ExpressionParse::primary()
{
    if (!step())
        return std::nullopt;
    switch (token().kind) {
    case TokenKind::Number:
        return number();
    case TokenKind::Open:
    case TokenKind::BraceOpen:
        return group();
    case TokenKind::Fraction:
        return fraction();
    case TokenKind::Binomial:
        return binomial();
    case TokenKind::Root:
        return root();
    case TokenKind::Function:
        return function();
    case TokenKind::Symbol:
        return symbol();
    case TokenKind::Pi: {
        ++m_at;
        Reading reading = knownReading(Number::pi());
        reading.decimals = true;
        reading.onlyTight = false;
        reading.operators = 1;
        return reading;
    }
    case TokenKind::Word:
        return word();
    default:
        return std::nullopt;
    }
}

std::optional<Reading> ExpressionParse::number()
{
    const Token& token = this->token();
    const Literal& literal = text().literals[token.literal];
    ++m_at;
    Reading reading = knownReading(literal.value);
    reading.literal = &literal;
    reading.currency = token.afterCurrency;
    reading.decimals = literal.decimals > 0;
    if (literal.decimals > 0)
        reading.error = 0.5 * std::pow(10.0, -literal.decimals);
    if (literal.otherReading) {
        note(reading, Alternative::OtherSeparators);
        if (is(Alternative::OtherSeparators))
            reading.value = *literal.otherReading;
    }
    if (literal.binary) {
        note(reading, Alternative::Binary);
        if (const auto digits = literal.value.toInteger(); digits && is(Alternative::Binary)) {
            std::int64_t value = 0;
            std::int64_t place = 1;
            for (std::int64_t rest = *digits; rest > 0; rest /= 10, place *= 2)
                value += rest % 10 * place;
            reading.value = Number(value);
        }
    }
    if (is(Alternative::Cents) && literal.decimals == 0 && !token.afterCurrency)
        reading.value = *Number::divide(reading.value, Number(100));
    knownConstant(reading);
    scale(reading);
    mixedNumber(reading);
    return reading;
}

/// Digits of pi, e, the roots and logarithms that people know by heart, and fractions without an end.
void ExpressionParse::knownConstant(Reading& reading)
{
    if (reading.literal->decimals < 2)
        return;
    static const std::array kConstants = {Number::pi(), Number::e(), *Number::root(Number(2), 2),
        *Number::root(Number(3), 2), *Number::root(Number(5), 2),
        *Number::function("ln", Number(2)), *Number::function("ln", Number(10)),
        *Number::function("log10", Number(2)), *Number::multiply(Number::pi(), Number(2))};
    const double value = reading.value.toDouble();
    const double unit = 2 * reading.error;
    for (const Number& constant : kConstants) {
        if (std::abs(constant.toDouble() - value) >= unit)
            continue;
        note(reading, Alternative::TrueConstants);
        if (is(Alternative::TrueConstants))
            reading.value = constant;
    }
    // 0.333 may be a third.
    for (const int parts : {3, 6, 7, 9}) {
        const double count = std::round(value * parts);
        const bool same = std::abs(count / parts - value) < unit && std::fmod(count, parts) != 0
            && std::abs(count) < 1e6;
        if (!same || (parts > 3 && reading.literal->decimals < 3))
            continue;
        note(reading, Alternative::TrueConstants);
        if (is(Alternative::TrueConstants))
            reading.value
                = *Number::divide(Number(static_cast<std::int64_t>(count)), Number(parts));
        break;
    }
}

/// 48 million, 3万.
void ExpressionParse::scale(Reading& reading)
{
    while (isWord(WordRole::Scale) || isWord(WordRole::Hundred)) {
        note(reading, Alternative::Unscaled);
        if (is(Alternative::Unscaled)) {
            ++m_at;
            continue;
        }
        const auto product = Number::multiply(reading.value, Number(token().word.value));
        if (!product)
            return;
        reading.value = *product;
        reading.error *= static_cast<double>(token().word.value);
        for (std::int64_t rest = token().word.value; rest >= 10; rest /= 10)
            ++reading.scale;
        ++m_at;
    }
}

/// 2 1/2 and 2\frac{1}{2}.
void ExpressionParse::mixedNumber(Reading& reading)
{
    if (reading.literal == nullptr || reading.literal->decimals > 0)
        return;
    const std::size_t before = m_at;
    std::optional<Reading> part;
    if (token().kind == TokenKind::Fraction) {
        part = fraction();
    } else if (token().kind == TokenKind::Number && token().spaceBefore
        && token(1).kind == TokenKind::Divide && !token(1).spaceBefore
        && token(2).kind == TokenKind::Number && !token(2).spaceBefore) {
        const Number& above = text().literals[token().literal].value;
        const Number& below = text().literals[token(2).literal].value;
        if (const auto value = Number::divide(above, below)) {
            part = knownReading(*value);
            m_at += 3;
        }
    }
    const bool proper = part && part->constant() && !part->value.isNegative()
        && Number::compare(part->value, Number(1)) < 0;
    if (!proper) {
        m_at = before;
        return;
    }
    note(reading, Alternative::Product);
    const auto value = is(Alternative::Product) ? Number::multiply(reading.value, part->value)
                                                : Number::add(reading.value, part->value);
    reading.literal = nullptr;
    reading.fraction = true;
    if (value)
        reading.value = *value;
    else
        reading.known = false;
}

std::optional<Reading> ExpressionParse::group()
{
    const std::uint32_t close = m_reader.m_partner[m_at];
    if (close == 0 || m_depth > kMaxDepth)
        return std::nullopt;
    const std::size_t before = m_at++;
    ++m_depth;
    auto reading = sum();
    --m_depth;
    while (reading && token().kind == TokenKind::Newline)
        ++m_at;
    if (!reading || m_at != close) {
        m_at = before;
        return std::nullopt;
    }
    ++m_at;
    if (text().tokens[before].kind == TokenKind::Open)
        reading->onlyTight = false;
    if (reading->operators > 0)
        reading->lead.reset();
    reading->cut = false;
    return reading;
}

std::optional<Reading> ExpressionParse::argument()
{
    if (token().kind == TokenKind::BraceOpen)
        return group();
    return token().kind == TokenKind::Number || token().kind == TokenKind::Symbol
            || token().kind == TokenKind::Pi || token().kind == TokenKind::Open
        ? primary()
        : std::nullopt;
}

std::optional<Reading> ExpressionParse::fraction()
{
    const std::size_t before = m_at++;
    auto above = argument();
    auto below = above ? argument() : std::nullopt;
    if (!below) {
        m_at = before;
        return std::nullopt;
    }
    const bool whole = above->literal != nullptr && below->literal != nullptr
        && above->literal->decimals == 0 && below->literal->decimals == 0;
    mergeNotes(*above, *below);
    divideReading(*above, *below);
    above->fraction = whole;
    above->onlyTight = false;
    above->lead.reset();
    return above;
}

std::optional<Reading> ExpressionParse::binomial()
{
    const std::size_t before = m_at++;
    auto n = argument();
    auto k = n ? argument() : std::nullopt;
    if (!k) {
        m_at = before;
        return std::nullopt;
    }
    const std::int64_t above = n->constant() ? n->value.toInteger().value_or(-1) : -1;
    const std::int64_t below = k->constant() ? k->value.toInteger().value_or(-1) : -1;
    mergeNotes(*n, *k);
    std::optional<Number> value;
    if (below >= 0 && below <= above && above <= 400) {
        value = Number(1);
        for (std::int64_t i = 0; value && i < below; ++i) {
            value = Number::multiply(*value, Number(above - i));
            value = value ? Number::divide(*value, Number(i + 1)) : std::nullopt;
        }
        m_reader.m_work += static_cast<std::size_t>(below);
    }
    applyReading(*n, value);
    return n;
}

/// √2, \sqrt[3]{8}, sqrt(2), sqrt 2.
std::optional<Reading> ExpressionParse::root()
{
    const std::size_t before = m_at++;
    int degree = 2;
    if (token().kind == TokenKind::Open && text().of(token()) == "["
        && token(1).kind == TokenKind::Number && token(2).kind == TokenKind::Close) {
        const auto index = text().literals[token(1).literal].value.toInteger();
        degree = index && *index >= 2 && *index <= 64 ? static_cast<int>(*index) : 0;
        m_at += 3;
    }
    auto reading = argument();
    if (!reading) {
        m_at = before;
        return std::nullopt;
    }
    const double size = reading->known ? std::abs(reading->value.toDouble()) : 0;
    const double relative = size > 0 ? reading->error / size : 0;
    applyReading(*reading,
        degree > 0 && reading->constant() ? Number::root(reading->value, degree) : std::nullopt);
    reading->error = reading->known ? relative * std::abs(reading->value.toDouble()) / 2 : 0;
    reading->decimals = true;
    reading->lead.reset();
    charge(*reading, 8);
    return reading;
}

std::optional<Reading> ExpressionParse::function()
{
    std::string name = lowered(text().of(token()));
    if (name.starts_with('\\'))
        name.erase(0, 1);
    const std::size_t before = m_at++;
    if (name == "log_2" || name == "log_{2}" || name == "log₂")
        name = "log2";
    if (name == "log_10" || name == "log_{10}" || name == "lg")
        name = "log10";
    const bool degrees = name == "sin" || name == "cos" || name == "tan";
    auto reading = argument();
    if (!reading) {
        m_at = before;
        return std::nullopt;
    }
    if (degrees) { // of degrees only where they say so
        const Token& last = text().at(std::ptrdiff_t(m_at) - 1);
        const bool inside = last.kind == TokenKind::Close
            && text().at(std::ptrdiff_t(m_at) - 2).kind == TokenKind::Degree;
        const bool behind = token().kind == TokenKind::Degree;
        if (behind)
            ++m_at;
        std::optional<Number> radians;
        if (reading->constant() && (inside || behind)) {
            radians = Number::multiply(reading->value, Number::pi());
            radians = radians ? Number::divide(*radians, Number(180)) : std::nullopt;
        } else if (reading->constant() && reading->value.isExact() && !reading->value.isZero()) {
            radians.reset();
        } else if (reading->constant()) {
            radians = reading->value;
        }
        applyReading(*reading, radians ? Number::function(name, *radians) : std::nullopt);
    } else {
        if (name == "log") {
            note(*reading, Alternative::Base10);
            name = is(Alternative::Base10) ? "log10" : "ln";
        }
        const double size = reading->known ? std::abs(reading->value.toDouble()) : 0;
        const double error = size > 0 ? reading->error / size : 0;
        applyReading(
            *reading, reading->constant() ? Number::function(name, reading->value) : std::nullopt);
        reading->error = error;
    }
    reading->decimals = true;
    reading->lead.reset();
    m_reader.m_work += 600;
    return reading;
}

/// A variable; an unknown function with its arguments.
std::optional<Reading> ExpressionParse::symbol()
{
    Reading reading;
    reading.onlyTight = false;
    const Token& name = token();
    ++m_at;
    const bool call = token().kind == TokenKind::Open && !token().spaceBefore;
    if (call) {
        const std::uint32_t close = m_reader.m_partner[m_at];
        if (close == 0)
            return std::nullopt;
        m_at = close + 1;
        return reading;
    }
    const std::string_view letters = text().of(name);
    if (isLatinLetter(characterAt(letters, 0).code)) {
        reading.known = true;
        reading.slope = Number(1);
        reading.unknown = letters;
    }
    return reading;
}

std::optional<Reading> ExpressionParse::word()
{
    switch (token().word.role) {
    case WordRole::Digit:
    case WordRole::Hundred:
        return numberWords();
    case WordRole::Half:
    case WordRole::Third:
    case WordRole::Quarter: {
        if (token(1).word.role != WordRole::Of)
            return std::nullopt;
        const WordRole role = token().word.role;
        ++m_at;
        Reading reading = knownReading(*Number::divide(Number(1),
            Number(role == WordRole::Half     ? 2
                    : role == WordRole::Third ? 3
                                              : 4)));
        reading.fraction = true;
        return reading;
    }
    case WordRole::Double: {
        if (token(1).kind != TokenKind::Number)
            return std::nullopt;
        ++m_at;
        auto reading = power();
        if (!reading)
            return std::nullopt;
        Reading two = knownReading(Number(2));
        mergeNotes(two, *reading);
        multiplyReading(two, *reading);
        two.onlyTight = false;
        return two;
    }
    default:
        return told();
    }
}

/// Twenty-five is one token where it has a hyphen; three hundred and five is four.
std::optional<Reading> ExpressionParse::numberWords()
{
    std::int64_t total = 0;
    std::int64_t group = 0;
    const std::size_t before = m_at;
    while (m_at - before < 12 && token().kind == TokenKind::Word) {
        const WordInfo& word = token().word;
        if (word.role == WordRole::Digit)
            group += word.value;
        else if (word.role == WordRole::Hundred)
            group = group % word.value == group
                ? std::max<std::int64_t>(group, 1) * word.value
                : group - group % 10 + std::max<std::int64_t>(group % 10, 1) * word.value;
        else if (word.role == WordRole::Scale) {
            if (word.value > 1'000'000'000'000 || group > 1'000'000)
                break;
            total += std::max<std::int64_t>(group, 1) * word.value;
            group = 0;
        } else {
            break;
        }
        ++m_at;
    }
    static const Literal kWhole{};
    Reading reading = knownReading(Number(total + group));
    reading.literal = &kWhole;
    reading.onlyTight = false;
    reading.unitPhrase = false;
    return reading;
}

/// The sum of 3 and 4; the product of 3 and 4; the square root of 16; adding 3 and 4.
std::optional<Reading> ExpressionParse::told()
{
    struct Form {
        std::string_view word, link, join;
        Operation::Kind operation;
        bool minus, reversed;
    };
    using Kind = Operation::Kind;
    static constexpr Form kForms[] = {{"sum", "of", "and", Kind::None, false, false},
        {"product", "of", "and", Kind::Times, false, false},
        {"difference", "between", "and", Kind::None, true, false},
        {"difference", "of", "and", Kind::None, true, false},
        {"quotient", "of", "and", Kind::Divide, false, false},
        {"adding", "", "and", Kind::None, false, false},
        {"adding", "", "to", Kind::None, false, false},
        {"add", "", "and", Kind::None, false, false}, {"add", "", "to", Kind::None, false, false},
        {"subtracting", "", "from", Kind::None, true, true},
        {"subtract", "", "from", Kind::None, true, true},
        {"multiplying", "", "by", Kind::Times, false, false},
        {"multiply", "", "by", Kind::Times, false, false},
        {"dividing", "", "by", Kind::Divide, false, false},
        {"divide", "", "by", Kind::Divide, false, false}};
    if (m_depth > 2)
        return std::nullopt;
    const std::string first = token().end - token().begin < 16 ? lowered(text().of(token())) : "";
    const std::size_t before = m_at;
    for (const Form& form : kForms) {
        if (first != form.word || (!form.link.empty() && !isText(form.link, 1)))
            continue;
        m_at = before + (form.link.empty() ? 1 : 2);
        m_depth += 3;
        auto left = product();
        std::optional<Reading> right;
        if (left && isText(form.join)) {
            ++m_at;
            right = product();
        }
        m_depth -= 3;
        if (!right) {
            m_at = before;
            continue;
        }
        if (form.reversed)
            std::swap(left, right);
        mergeNotes(*left, *right);
        left->onlyTight = false;
        if (form.operation == Kind::Times)
            multiplyReading(*left, *right);
        else if (form.operation == Kind::Divide)
            divideReading(*left, *right);
        else
            addReading(*left, *right, form.minus);
        if (form.word == "difference" && left->constant() && left->value.isNegative())
            negateReading(*left);
        return left;
    }
    return std::nullopt;
}

} // namespace ponder
