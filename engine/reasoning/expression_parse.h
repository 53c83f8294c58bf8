#pragma once

#include <optional>

#include "engine/reasoning/expression.h"

namespace ponder {

/// One sum being read, in one of its readings. See ExpressionReader.
class ExpressionParse {
public:
    ExpressionParse(
        ExpressionReader& reader, std::size_t at, Alternative alternative, int depth = 0)
        : m_reader(reader)
        , m_begin(at)
        , m_at(at)
        , m_depth(depth)
        , m_alternative(alternative)
    {
    }

    std::optional<Reading> run();

private:
    static constexpr int kMaxDepth = 32;
    static constexpr std::size_t kMaxTokens = 600; ///< of one sum

    struct Operation {
        enum class Kind : std::uint8_t { None, Times, Divide, FloorDivide, Modulo };
        Kind kind = Kind::None;
        std::size_t tokens = 0;
        bool implicit = false;
    };

    std::optional<Reading> sum();
    std::optional<Reading> product();
    std::optional<Reading> unary();
    std::optional<Reading> power();
    std::optional<Reading> postfix();
    std::optional<Reading> primary();

    std::optional<Reading> number();
    std::optional<Reading> numberWords();
    std::optional<Reading> group(); ///< in brackets or braces
    std::optional<Reading> fraction();
    std::optional<Reading> binomial();
    std::optional<Reading> root();
    std::optional<Reading> function();
    std::optional<Reading> symbol();
    std::optional<Reading> word();
    std::optional<Reading> told(); ///< "the sum of 3 and 4", "adding 3 and 4"
    std::optional<Reading> argument(); ///< {…}, or one factor
    void mixedNumber(Reading& reading);
    void scale(Reading& reading);
    void knownConstant(Reading& reading);

    Operation productOperation(const Reading& left);
    bool remark(const Reading& number);
    void extendDivisor(Reading& left, Reading& divisor);
    [[nodiscard]] bool isTightDivision() const;
    [[nodiscard]] bool isFlatExponent() const;
    void bindTightly(Reading& left, Reading& right);
    void noteSum(Reading& left, const Reading& right, bool mayBeLabel);
    void raise(Reading& base, const Reading& exponent);
    [[nodiscard]] bool isModulo() const;
    void percent(Reading& reading);
    bool unitPhrase(Reading& reading);
    [[nodiscard]] std::size_t unitWords(Reading& reading) const;
    [[nodiscard]] bool goesOnAfter(std::size_t token) const;
    [[nodiscard]] bool beginsSentence(std::size_t token) const;

    [[nodiscard]] const MathText& text() const { return m_reader.m_text; }
    [[nodiscard]] const Token& token(std::size_t ahead = 0) const
    {
        return text().at(std::ptrdiff_t(m_at + ahead));
    }
    [[nodiscard]] bool isWord(WordRole role) const
    {
        return token().kind == TokenKind::Word && token().word.role == role;
    }
    [[nodiscard]] bool isText(std::string_view word, std::size_t ahead = 0) const
    {
        return token(ahead).kind == TokenKind::Word && text().of(token(ahead)) == word;
    }
    [[nodiscard]] bool is(Alternative alternative) const { return m_alternative == alternative; }
    static void note(std::uint16_t& alternatives, Alternative alternative)
    {
        alternatives
            = static_cast<std::uint16_t>(alternatives | static_cast<unsigned>(alternative));
    }
    static void note(Reading& reading, Alternative alternative)
    {
        note(reading.alternatives, alternative);
    }

    /// Counts work; false where one sum is too long, or all is spent.
    bool step()
    {
        ++m_reader.m_work;
        return m_at - m_begin < kMaxTokens && !m_reader.exhausted();
    }
    /// Large numbers cost more.
    void charge(const Reading& reading, std::size_t work)
    {
        if (reading.known && !reading.value.isSmall())
            m_reader.m_work += 20 * work;
    }

    ExpressionReader& m_reader;
    std::size_t m_begin;
    std::size_t m_at;
    int m_depth;
    Alternative m_alternative;
    bool m_units = true; ///< words after a number may be its unit; not in an exponent
    std::uint16_t m_alternatives = 0; ///< of the whole
};

} // namespace ponder
