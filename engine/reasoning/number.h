#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ponder {

/// An exact fraction, or a real number of 50 digits where a root or a constant came in. Small fractions stay in two
/// machine words; only larger ones are allocated.
class Number {
public:
    Number() = default;
    explicit Number(std::int64_t value)
        : m_numerator(value)
    {
    }

    /// The digits without a point, divided by ten to the `decimals`. None: too long, or no digit.
    [[nodiscard]] static std::optional<Number> fromDigits(std::string_view digits, int decimals);
    [[nodiscard]] static Number pi();
    [[nodiscard]] static Number e();
    [[nodiscard]] static Number powerOfTen(int exponent); ///< exponent from -400 to 400

    [[nodiscard]] bool isExact() const;
    [[nodiscard]] bool isInteger() const;
    [[nodiscard]] bool isZero() const;
    [[nodiscard]] bool isNegative() const;
    [[nodiscard]] bool isSmall() const { return m_large == nullptr; } ///< cheap to compute with
    [[nodiscard]] double toDouble() const;
    [[nodiscard]] std::optional<std::int64_t>
    toInteger() const; ///< none: no whole number of 63 bits

    /// The number of digits after the point that write it exactly; none: they have no end, or it is not exact.
    [[nodiscard]] std::optional<int> exactDecimals() const;
    /// Rounded to this number of digits after the point, zeros at the end included.
    [[nodiscard]] std::string toText(int decimals) const;

    // Each has no result where a number would grow past a few thousand bits, or there is none.
    [[nodiscard]] static std::optional<Number> add(const Number& a, const Number& b);
    [[nodiscard]] static std::optional<Number> subtract(const Number& a, const Number& b);
    [[nodiscard]] static std::optional<Number> multiply(const Number& a, const Number& b);
    [[nodiscard]] static std::optional<Number> divide(const Number& a, const Number& b);
    [[nodiscard]] static std::optional<Number> power(const Number& base, const Number& exponent);
    [[nodiscard]] static std::optional<Number> root(const Number& a, int degree);
    [[nodiscard]] static std::optional<Number> factorial(const Number& a);
    [[nodiscard]] static std::optional<Number> floor(const Number& a);
    [[nodiscard]] static std::optional<Number> modulo(const Number& a, const Number& b);
    /// ln, log10, log2, exp, sin, cos, tan (of radians).
    [[nodiscard]] static std::optional<Number> function(std::string_view name, const Number& a);

    [[nodiscard]] Number negated() const;
    [[nodiscard]] static int compare(
        const Number& a, const Number& b); ///< -1, 0, 1; reals to 40 digits

private:
    struct Large;
    friend struct NumberAccess;

    std::int64_t m_numerator = 0;
    std::int64_t m_denominator = 1;
    std::shared_ptr<const Large> m_large; ///< where set, it is the value
};

} // namespace ponder
