#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/reasoning/number.h"
#include "engine/reasoning/words.h"

namespace ponder {

/// A text as a reader of sums sees it. What only shows (emphasis, TeX's spaces, dollar signs) leaves no token.
enum class TokenKind : std::uint8_t {
    Number,
    Plus,
    Minus,
    Times,
    Divide,
    FloorDivide,
    Power,
    Superscript, ///< raised digits; value is the number's index
    Percent, ///< or modulo; the parser decides
    Degree,
    Factorial,
    Root, ///< √ and \sqrt
    Open,
    Close,
    BraceOpen,
    BraceClose,
    Fraction, ///< \frac
    Binomial,
    Relation,
    Word,
    Symbol, ///< a variable, or a number that is none to compute with: a date, a code, a time
    Function,
    Pi,
    Ellipsis,
    Comma,
    Colon,
    Stop, ///< a sentence ends
    Question,
    Newline,
    Boundary, ///< no sum continues across it
};

enum class Relation : std::uint8_t {
    Equal,
    Approximate,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
    Congruent,
};

struct Token {
    TokenKind kind = TokenKind::Boundary;
    Relation relation = Relation::Equal;
    WordInfo word;
    bool spaceBefore = false;
    bool afterCurrency = false;
    std::uint32_t begin = 0; ///< bytes
    std::uint32_t end = 0;
    std::uint32_t literal = 0; ///< index of a number's literal
};

/// A number as it is written.
struct Literal {
    Number value;
    int decimals = 0; ///< digits after the point
    int zeros = 0; ///< zeros at the end of a whole number
    int digits = 0; ///< in all
    bool goesOn = false; ///< dots follow: 1.333...
    bool binary = false; ///< has no digits but 0 and 1
    std::optional<Number> otherReading; ///< where comma and point may change their parts
};

struct MathText {
    std::string_view text;
    std::vector<Token> tokens;
    std::vector<Literal> literals;

    [[nodiscard]] std::string_view of(const Token& token) const
    {
        return text.substr(token.begin, token.end - token.begin);
    }
    /// A token of the text; Boundary before the first and after the last.
    [[nodiscard]] const Token& at(std::ptrdiff_t index) const
    {
        static const Token kOutside;
        return index < 0 || index >= std::ptrdiff_t(tokens.size()) ? kOutside
                                                                   : tokens[std::size_t(index)];
    }
};

} // namespace ponder
