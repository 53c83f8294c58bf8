#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/reasoning/math_token.h"
#include "engine/reasoning/units.h"

namespace ponder {

/// What one may read in two ways. A sum that is false in the first reading and true in another is not marked.
enum class Alternative : std::uint16_t {
    None = 0,
    TrueConstants = 1U << 0U, ///< 3.1416 is pi with all its digits
    PercentAsNumber = 1U << 1U, ///< 25% is 25
    PercentOfLeft = 1U << 2U, ///< 100 + 20% is 120
    BracketRemark = 1U << 3U, ///< 262144 (2^18) is 262144
    LooseDivision = 1U << 4U, ///< 1/2π is 1/(2π)
    Product = 1U << 5U, ///< 2 1/2 is a product
    OtherSeparators = 1U << 6U, ///< comma and point change parts
    Binary = 1U << 7U,
    SignedBase = 1U << 8U, ///< -3^2 is (-3)^2
    Cents = 1U << 9U, ///< 10 + 1.10 is 0.10 + 1.10
    SkipLabel = 1U << 10U, ///< Day 1 - 5 + 3 is 5 + 3
    Base10 = 1U << 11U, ///< log is log10; else ln
    FloorDivision = 1U << 12U,
    TightFraction = 1U << 13U, ///< 1 ÷ 3/4 is 1 ÷ (3/4)
    Exclamation = 1U << 14U, ///< "= 17! At last"
    Unscaled = 1U << 15U, ///< 32 / 2 = 16 million, where the 32 were millions, too
};
constexpr int kAlternatives = 16;

/// The value of a piece of text.
struct Reading {
    bool known = false; ///< value + slope * unknown
    Number value;
    Number slope;
    std::string_view unknown; ///< the one variable, where there is one
    double error = 0; ///< how far value may be off by the digits that its decimals do not show

    std::size_t begin = 0; ///< tokens
    std::size_t end = 0;
    int operators = 0;
    const Literal* literal = nullptr; ///< of a number with nothing but a sign
    int scale = 0; ///< zeros that a word after it adds: 6 of "million"
    bool percent = false; ///< of such a number
    bool currency = false;
    bool fraction = false; ///< of two whole numbers, 1/2
    bool division = false; ///< somewhere
    bool product = false; ///< somewhere
    bool decimals = false; ///< a decimal number, a root, a constant somewhere
    bool onlyTight = true; ///< every operator is a hyphen or slash without spaces: perhaps a range
    bool cut = false; ///< an operator follows, and nothing can be read after it
    bool unitPhrase = false; ///< words follow the last number
    bool mixedUnits = false; ///< a sum of different units
    bool counts = false; ///< dozens, pairs
    std::optional<Number> lead; ///< the first term of a sum or product: 5 * 3 = 15 - 2 = 13
    std::optional<Unit> unit; ///< of the last number
    std::vector<Unit> units; ///< all that occur
    std::uint16_t alternatives = 0; ///< that would change it

    [[nodiscard]] bool constant() const { return known && unknown.empty(); }
};

/// Reads sums out of tokens: precedence climbing, bounded in depth, length and size of numbers. For one text.
class ExpressionReader {
public:
    explicit ExpressionReader(const MathText& text);

    /// The longest sum that begins at a token; none where no sum does.
    [[nodiscard]] std::optional<Reading> read(
        std::size_t token, Alternative alternative = Alternative::None);

    /// Whether the limit of computing is reached, so that the rest of the text is not read.
    [[nodiscard]] bool exhausted() const { return m_work > m_limit; }

    /// "- " between words, and not minus.
    [[nodiscard]] bool isDash(std::size_t token) const;

private:
    friend class ExpressionParse;

    const MathText& m_text;
    std::vector<std::uint32_t> m_partner; ///< of brackets and braces; 0: none, or too far or deep
    std::size_t m_work = 0;
    std::size_t m_limit;
};

} // namespace ponder
