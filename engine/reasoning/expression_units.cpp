#include <algorithm>
#include <array>
#include <string>

#include "engine/reasoning/characters.h"
#include "engine/reasoning/expression_parse.h"

namespace ponder {

namespace {

constexpr std::size_t kMaxUnitWords = 14;

/// Letters that are units after a number, and may be variables elsewhere.
bool isUnitLetter(std::string_view symbol)
{
    constexpr std::array<std::string_view, 10> kLetters
        = {"L", "g", "m", "l", "s", "h", "W", "V", "C", "F"};
    return std::ranges::find(kLetters, symbol) != kLetters.end();
}

} // namespace

/// Whether what begins at a token makes the words before it a unit.
bool ExpressionParse::goesOnAfter(std::size_t at) const
{
    const Token& next = text().at(std::ptrdiff_t(at));
    switch (next.kind) {
    case TokenKind::Plus:
    case TokenKind::Times:
    case TokenKind::Divide:
    case TokenKind::Relation:
    case TokenKind::Close:
    case TokenKind::BraceClose:
        return true;
    case TokenKind::Minus:
        return !m_reader.isDash(at);
    case TokenKind::Word:
        switch (next.word.role) {
        case WordRole::Plus:
        case WordRole::Minus:
        case WordRole::Times:
        case WordRole::Divided:
        case WordRole::Is:
        case WordRole::Equals:
        case WordRole::Approximately:
            return true;
        default:
            return false;
        }
    default:
        return false;
    }
}

bool ExpressionParse::beginsSentence(std::size_t at) const
{
    const Token& next = text().at(std::ptrdiff_t(at));
    const std::string_view word = text().of(next);
    return next.kind == TokenKind::Word && word.front() >= 'A' && word.front() <= 'Z';
}

/// Where the words after a number end; notes the first unit among them.
std::size_t ExpressionParse::unitWords(Reading& reading) const
{
    std::size_t at = m_at;
    bool named = false;
    while (at - m_at < kMaxUnitWords) {
        const Token& next = text().at(std::ptrdiff_t(at));
        if (next.kind == TokenKind::Word) {
            const WordRole role = next.word.role;
            if (role != WordRole::None && role != WordRole::Label
                && !(role == WordRole::Of && named) && !(role == WordRole::Quarter && !named)
                && role != WordRole::More)
                break;
            if (!reading.unit && next.end - next.begin < 24 && !named) {
                const std::string name = lowered(text().of(next));
                if (name == "th" || name == "st" || name == "nd" || name == "rd")
                    break;
                reading.unit = unitOf(name);
            }
            named = true;
            ++at;
        } else if (next.kind == TokenKind::Divide
            && text().at(std::ptrdiff_t(at) + 1).kind == TokenKind::Word
            && text().at(std::ptrdiff_t(at) + 1).word.role != WordRole::Digit) {
            at += 2;
            named = true;
        } else if (next.kind == TokenKind::Superscript && named) {
            ++at;
        } else if (next.kind == TokenKind::Stop && named && !next.spaceBefore
            && text().of(next) == "."
            && isAbbreviation(lowered(text().of(text().at(std::ptrdiff_t(at) - 1))))
            && !beginsSentence(at + 1)) {
            ++at;
        } else if (next.kind == TokenKind::Minus && !next.spaceBefore && m_reader.isDash(at)) {
            ++at;
        } else {
            break;
        }
    }
    return at;
}

/// Reads over the unit of a number, "snakes/jaguar" or "miles from the park to the store", where the sum goes on.
bool ExpressionParse::unitPhrase(Reading& reading)
{
    if (!m_units)
        return false;
    const Token& next = token();
    if (next.kind == TokenKind::Open)
        return remark(reading);
    if (next.kind == TokenKind::Symbol && reading.literal != nullptr
        && isUnitLetter(text().of(next))) {
        const TokenKind after = token(1).kind;
        const bool ends = after == TokenKind::Word || after == TokenKind::Stop
            || after == TokenKind::Comma || after == TokenKind::Newline
            || after == TokenKind::Boundary || after == TokenKind::Close
            || after == TokenKind::Question;
        if (text().of(next) != "L" && !ends)
            return false;
        ++m_at;
        return true;
    }
    const bool begins = next.kind == TokenKind::Word
        || (next.kind == TokenKind::Divide && token(1).kind == TokenKind::Word)
        || (next.kind == TokenKind::Minus && !next.spaceBefore && m_reader.isDash(m_at));
    if (!begins || reading.percent)
        return false;
    const std::size_t end = unitWords(reading);
    m_reader.m_work += end - m_at;
    if (reading.unit) {
        if (reading.units.size() < 6)
            reading.units.push_back(*reading.unit);
        reading.counts = reading.counts || reading.unit->dimension == Unit::Dimension::Count;
    }
    if (end == m_at || !goesOnAfter(end))
        return false;
    m_at = end;
    reading.unitPhrase = true;
    return true;
}

} // namespace ponder
