#include "engine/reasoning/misprint.h"

#include <algorithm>
#include <array>

namespace ponder {

namespace {

constexpr std::ptrdiff_t kMaxTokens = 60; ///< of the sentence before

bool endsSentence(TokenKind kind)
{
    return kind == TokenKind::Stop || kind == TokenKind::Question || kind == TokenKind::Newline
        || kind == TokenKind::Boundary;
}

std::optional<Number> compute(TokenKind sign, const Number& a, const Number& b)
{
    switch (sign) {
    case TokenKind::Plus:
        return Number::add(a, b);
    case TokenKind::Minus:
        return Number::subtract(a, b);
    case TokenKind::Times:
        return Number::multiply(a, b);
    case TokenKind::Divide:
        return Number::divide(a, b);
    default:
        return std::nullopt;
    }
}

bool contains(const std::vector<Number>& numbers, const Number& value)
{
    return std::ranges::any_of(
        numbers, [&value](const Number& number) { return Number::compare(number, value) == 0; });
}

} // namespace

bool isMisprint(const MathText& text, const Reading& sum, const Reading& written)
{
    const auto isOperand = [&](const Number& value) {
        for (std::size_t at = sum.begin; at < sum.end; ++at) {
            const Token& token = text.at(std::ptrdiff_t(at));
            if (token.kind == TokenKind::Number
                && Number::compare(text.literals[token.literal].value, value) == 0)
                return true;
        }
        return false;
    };
    std::vector<Number> before; // numbers of the sentence up to the sum
    const auto begin = static_cast<std::ptrdiff_t>(sum.begin);
    bool because = false;
    for (std::ptrdiff_t at = begin - 1; at >= 0 && begin - at < kMaxTokens; --at) {
        const Token& token = text.at(at);
        if (endsSentence(token.kind))
            break;
        const std::string_view word = text.of(token);
        because
            = because || word == "because" || word == "since" || word == "weil" || word == "因为";
        if (token.kind != TokenKind::Number)
            continue;
        const Number& value = text.literals[token.literal].value;
        if (because && Number::compare(value, sum.value) == 0 && isOperand(written.value))
            return true;
        before.push_back(value);
    }
    // Two numbers and a sign, one of them from the sentence and the other from nowhere.
    std::vector<const Token*> operands;
    TokenKind sign = TokenKind::Boundary;
    for (std::size_t at = sum.begin; at < sum.end; ++at) {
        const Token& token = text.at(std::ptrdiff_t(at));
        if (token.kind == TokenKind::Number)
            operands.push_back(&token);
        else if (token.kind != TokenKind::Word)
            sign = sign == TokenKind::Boundary ? token.kind : TokenKind::Stop;
    }
    if (operands.size() != 2)
        return false;
    const std::array<Number, 2> pair
        = {text.literals[operands[0]->literal].value, text.literals[operands[1]->literal].value};
    for (std::size_t odd = 0; odd < 2; ++odd) {
        const Number& other = pair[1 - odd];
        if (!contains(before, other) || contains(before, pair[odd]))
            continue;
        for (const Number& number : before) {
            const auto value
                = odd == 0 ? compute(sign, number, other) : compute(sign, other, number);
            if (value && Number::compare(number, other) != 0
                && Number::compare(*value, written.value) == 0)
                return true;
        }
    }
    return false;
}

} // namespace ponder
