#include "engine/reasoning/number.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <variant>

#include <boost/math/constants/constants.hpp>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/multiprecision/cpp_int.hpp>

namespace ponder {

using BigInteger = boost::multiprecision::cpp_int;
using Fraction = boost::multiprecision::cpp_rational;
using Real = boost::multiprecision::cpp_bin_float_50;

struct Number::Large {
    std::variant<Fraction, Real> value;
};

namespace {

constexpr std::size_t kMaxDigits = 400; ///< of a literal
constexpr unsigned kMaxBits = 4096; ///< of a numerator or denominator
constexpr int kMaxFactorial = 400; ///< fits into kMaxBits
constexpr int kMaxRealExponent = 2000; ///< binary exponent of a real result

unsigned bitsOf(const BigInteger& value)
{
    return value.is_zero() ? 0 : boost::multiprecision::msb(abs(value)) + 1;
}

} // namespace

/// What the operations need and no other code should see.
struct NumberAccess {
    static std::optional<Number> small(__int128 numerator, __int128 denominator)
    {
        if (denominator < 0) {
            numerator = -numerator;
            denominator = -denominator;
        }
        __int128 a = numerator < 0 ? -numerator : numerator;
        __int128 b = denominator;
        while (b != 0)
            a = std::exchange(b, a % b);
        if (a > 1) {
            numerator /= a;
            denominator /= a;
        }
        constexpr __int128 kLimit = std::numeric_limits<std::int64_t>::max();
        if (numerator > kLimit || numerator < -kLimit || denominator > kLimit)
            return std::nullopt;
        Number result(static_cast<std::int64_t>(numerator));
        result.m_denominator = static_cast<std::int64_t>(denominator);
        return result;
    }

    static std::optional<Number> wrap(Fraction value)
    {
        const BigInteger n = numerator(value);
        const BigInteger d = denominator(value);
        if (bitsOf(n) > kMaxBits || bitsOf(d) > kMaxBits)
            return std::nullopt;
        if (bitsOf(n) < 63 && bitsOf(d) < 63) {
            Number result(static_cast<std::int64_t>(n));
            result.m_denominator = static_cast<std::int64_t>(d);
            return result;
        }
        Number result;
        result.m_large = std::make_shared<Number::Large>(Number::Large{std::move(value)});
        return result;
    }

    static std::optional<Number> wrap(const Real& value)
    {
        if (!isfinite(value) || (value != 0 && std::abs(ilogb(value)) > kMaxRealExponent))
            return std::nullopt;
        Number result;
        result.m_large = std::make_shared<Number::Large>(Number::Large{value});
        return result;
    }

    static Fraction fraction(const Number& a) ///< of an exact one
    {
        return a.m_large ? std::get<Fraction>(a.m_large->value)
                         : Fraction(a.m_numerator, a.m_denominator);
    }

    static Real real(const Number& a)
    {
        if (!a.m_large)
            return Real(a.m_numerator) / Real(a.m_denominator);
        if (const auto* exact = std::get_if<Fraction>(&a.m_large->value))
            return Real(numerator(*exact)) / Real(denominator(*exact));
        return std::get<Real>(a.m_large->value);
    }

    /// One operation on two numbers, in the narrowest kind that holds both.
    template <typename Small, typename Exact, typename OfReals>
    static std::optional<Number> combine(
        const Number& a, const Number& b, Small small, Exact exact, OfReals ofReals)
    {
        if (!a.m_large && !b.m_large) {
            if (auto result = small(__int128(a.m_numerator), __int128(a.m_denominator),
                    __int128(b.m_numerator), __int128(b.m_denominator)))
                return result;
        }
        if (a.isExact() && b.isExact())
            return wrap(Fraction(exact(fraction(a), fraction(b))));
        return wrap(Real(ofReals(real(a), real(b))));
    }
};

std::optional<Number> Number::fromDigits(std::string_view digits, int decimals)
{
    while (digits.size() > 1 && digits.front() == '0')
        digits.remove_prefix(1);
    if (digits.empty() || digits.size() > kMaxDigits || decimals > static_cast<int>(kMaxDigits))
        return std::nullopt;
    if (digits.size() <= 18 && decimals <= 18) {
        std::int64_t value = 0;
        for (const char c : digits)
            value = value * 10 + (c - '0');
        std::int64_t scale = 1;
        for (int i = 0; i < decimals; ++i)
            scale *= 10;
        return NumberAccess::small(value, scale);
    }
    const BigInteger value{std::string(digits)};
    const BigInteger scale = boost::multiprecision::pow(BigInteger(10), unsigned(decimals));
    return NumberAccess::wrap(Fraction(value, scale));
}

Number Number::pi()
{
    static const Number value = *NumberAccess::wrap(boost::math::constants::pi<Real>());
    return value;
}

Number Number::e()
{
    static const Number value = *NumberAccess::wrap(boost::math::constants::e<Real>());
    return value;
}

Number Number::powerOfTen(int exponent)
{
    const BigInteger scale
        = boost::multiprecision::pow(BigInteger(10), unsigned(std::abs(exponent)));
    return *NumberAccess::wrap(exponent < 0 ? Fraction(1, scale) : Fraction(scale));
}

bool Number::isExact() const
{
    return !m_large || std::holds_alternative<Fraction>(m_large->value);
}

bool Number::isInteger() const
{
    if (!m_large)
        return m_denominator == 1;
    const auto* exact = std::get_if<Fraction>(&m_large->value);
    return exact != nullptr && denominator(*exact) == 1;
}

bool Number::isZero() const
{
    return compare(*this, Number()) == 0;
}

bool Number::isNegative() const
{
    return m_large ? NumberAccess::real(*this) < 0 : m_numerator < 0;
}

double Number::toDouble() const
{
    if (!m_large)
        return static_cast<double>(m_numerator) / static_cast<double>(m_denominator);
    return static_cast<double>(NumberAccess::real(*this));
}

std::optional<std::int64_t> Number::toInteger() const
{
    if (m_large || m_denominator != 1)
        return std::nullopt;
    return m_numerator;
}

std::optional<int> Number::exactDecimals() const
{
    if (!isExact())
        return std::nullopt;
    BigInteger rest = denominator(NumberAccess::fraction(*this));
    int twos = 0;
    int fives = 0;
    while (rest % 2 == 0 && twos <= static_cast<int>(kMaxBits)) {
        rest /= 2;
        ++twos;
    }
    while (rest % 5 == 0 && fives <= static_cast<int>(kMaxBits)) {
        rest /= 5;
        ++fives;
    }
    if (rest != 1)
        return std::nullopt;
    return std::max(twos, fives);
}

std::string Number::toText(int decimals) const
{
    const Number scale = powerOfTen(decimals);
    BigInteger scaled;
    if (isExact()) {
        const Fraction value = NumberAccess::fraction(*this) * NumberAccess::fraction(scale);
        const BigInteger n = abs(numerator(value));
        const BigInteger d = denominator(value);
        scaled = (2 * n + d) / (2 * d);
    } else {
        scaled = BigInteger(boost::multiprecision::round(
            abs(NumberAccess::real(*this)) * NumberAccess::real(scale)));
    }
    std::string text = scaled.str();
    if (decimals > 0) {
        if (text.size() <= std::size_t(decimals))
            text.insert(0, std::size_t(decimals) + 1 - text.size(), '0');
        text.insert(text.size() - std::size_t(decimals), 1, '.');
    }
    if (isNegative() && scaled != 0)
        text.insert(0, 1, '-');
    return text;
}

std::optional<Number> Number::add(const Number& a, const Number& b)
{
    return NumberAccess::combine(
        a, b,
        [](__int128 an, __int128 ad, __int128 bn, __int128 bd) -> std::optional<Number> {
            if (ad == 1 && bd == 1)
                return NumberAccess::small(an + bn, 1);
            __int128 left = 0;
            __int128 right = 0;
            __int128 sum = 0;
            if (__builtin_mul_overflow(an, bd, &left) || __builtin_mul_overflow(bn, ad, &right)
                || __builtin_add_overflow(left, right, &sum))
                return std::nullopt;
            return NumberAccess::small(sum, ad * bd);
        },
        [](const Fraction& x, const Fraction& y) { return x + y; },
        [](const Real& x, const Real& y) { return x + y; });
}

std::optional<Number> Number::subtract(const Number& a, const Number& b)
{
    return add(a, b.negated());
}

std::optional<Number> Number::multiply(const Number& a, const Number& b)
{
    return NumberAccess::combine(
        a, b,
        [](__int128 an, __int128 ad, __int128 bn, __int128 bd) {
            return NumberAccess::small(an * bn, ad * bd);
        },
        [](const Fraction& x, const Fraction& y) { return x * y; },
        [](const Real& x, const Real& y) { return x * y; });
}

std::optional<Number> Number::divide(const Number& a, const Number& b)
{
    if (b.isZero())
        return std::nullopt;
    return NumberAccess::combine(
        a, b,
        [](__int128 an, __int128 ad, __int128 bn, __int128 bd) {
            return NumberAccess::small(an * bd, ad * bn);
        },
        [](const Fraction& x, const Fraction& y) { return x / y; },
        [](const Real& x, const Real& y) { return x / y; });
}

std::optional<Number> Number::power(const Number& base, const Number& exponent)
{
    if (const auto whole = exponent.toInteger(); whole && base.isExact()) {
        const auto steps = static_cast<std::uint64_t>(std::abs(*whole));
        const Fraction value = NumberAccess::fraction(base);
        const unsigned bits = std::max(bitsOf(numerator(value)), bitsOf(denominator(value)));
        if (bits <= 1 && denominator(value) == 1) { // 0, 1 and -1
            if (base.isZero())
                return steps == 0 ? std::optional(Number(1))
                    : *whole > 0  ? std::optional(Number(0))
                                  : std::nullopt;
            return Number(base.isNegative() && steps % 2 == 1 ? -1 : 1);
        }
        if (steps > kMaxBits || steps * bits > kMaxBits)
            return std::nullopt;
        const auto count = static_cast<unsigned>(steps);
        const BigInteger n = boost::multiprecision::pow(numerator(value), count);
        const BigInteger d = boost::multiprecision::pow(denominator(value), count);
        if (*whole >= 0)
            return NumberAccess::wrap(Fraction(n, d));
        return n.is_zero() ? std::nullopt : NumberAccess::wrap(Fraction(d, n));
    }
    if (base.isNegative() || base.isZero())
        return std::nullopt;
    const Real logarithm = log(NumberAccess::real(base)) * NumberAccess::real(exponent);
    if (abs(logarithm) > kMaxRealExponent)
        return std::nullopt;
    if (exponent.m_denominator == 2 && exponent.isSmall()) { // stays exact where it can
        if (const auto half = root(base, 2))
            return power(*half, Number(exponent.m_numerator));
    }
    return NumberAccess::wrap(Real(exp(logarithm)));
}

std::optional<Number> Number::root(const Number& a, int degree)
{
    if (degree < 2 || degree > 64 || (a.isNegative() && degree % 2 == 0))
        return std::nullopt;
    if (a.isZero())
        return a;
    const bool negative = a.isNegative();
    const Number positive = negative ? a.negated() : a;
    if (positive.isExact()) {
        const auto wholeRoot = [degree](const BigInteger& value) -> std::optional<BigInteger> {
            if (degree != 2 && bitsOf(value) > 200)
                return std::nullopt;
            const BigInteger guess = degree == 2
                ? BigInteger(sqrt(value))
                : BigInteger(boost::multiprecision::round(pow(Real(value), Real(1) / degree)));
            if (boost::multiprecision::pow(guess, unsigned(degree)) == value)
                return guess;
            return std::nullopt;
        };
        const Fraction value = NumberAccess::fraction(positive);
        const auto n = wholeRoot(numerator(value));
        const auto d = n ? wholeRoot(denominator(value)) : std::nullopt;
        if (n && d)
            return NumberAccess::wrap(Fraction(negative ? BigInteger(-*n) : *n, *d));
    }
    const Real value = NumberAccess::real(positive);
    const Real result = degree == 2 ? Real(sqrt(value)) : Real(pow(value, Real(1) / degree));
    return NumberAccess::wrap(negative ? Real(-result) : result);
}

std::optional<Number> Number::factorial(const Number& a)
{
    const auto n = a.toInteger();
    if (!n || *n < 0 || *n > kMaxFactorial)
        return std::nullopt;
    BigInteger product = 1;
    for (std::int64_t i = 2; i <= *n; ++i)
        product *= i;
    return NumberAccess::wrap(Fraction(product));
}

std::optional<Number> Number::floor(const Number& a)
{
    if (!a.isExact())
        return NumberAccess::wrap(
            Fraction(BigInteger(boost::multiprecision::floor(NumberAccess::real(a)))));
    const Fraction value = NumberAccess::fraction(a);
    const BigInteger n = numerator(value);
    const BigInteger d = denominator(value);
    BigInteger whole = n / d;
    if (n < 0 && whole * d != n)
        whole -= 1;
    return NumberAccess::wrap(Fraction(whole));
}

std::optional<Number> Number::modulo(const Number& a, const Number& b)
{
    const auto quotient = divide(a, b);
    const auto whole = quotient ? floor(*quotient) : std::nullopt;
    const auto product = whole ? multiply(*whole, b) : std::nullopt;
    return product ? subtract(a, *product) : std::nullopt;
}

std::optional<Number> Number::function(std::string_view name, const Number& a)
{
    const Real x = NumberAccess::real(a);
    if (name == "exp")
        return abs(x) > kMaxRealExponent ? std::nullopt : NumberAccess::wrap(Real(exp(x)));
    if (name == "sin" || name == "cos" || name == "tan") {
        if (abs(x) > 1'000'000)
            return std::nullopt;
        return NumberAccess::wrap(name == "sin" ? Real(sin(x))
                : name == "cos"                 ? Real(cos(x))
                                                : Real(tan(x)));
    }
    if (x <= 0)
        return std::nullopt;
    const Real logarithm = log(x);
    if (name == "ln")
        return NumberAccess::wrap(logarithm);
    if (name == "log10" || name == "log2")
        return NumberAccess::wrap(Real(logarithm / log(Real(name == "log10" ? 10 : 2))));
    return std::nullopt;
}

Number Number::negated() const
{
    if (!m_large) {
        Number result = *this;
        result.m_numerator = -m_numerator; // the lowest value never occurs
        return result;
    }
    if (isExact())
        return *NumberAccess::wrap(Fraction(-NumberAccess::fraction(*this)));
    return *NumberAccess::wrap(Real(-NumberAccess::real(*this)));
}

int Number::compare(const Number& a, const Number& b)
{
    if (!a.m_large && !b.m_large) {
        const __int128 left = __int128(a.m_numerator) * b.m_denominator;
        const __int128 right = __int128(b.m_numerator) * a.m_denominator;
        return left < right ? -1 : left > right ? 1 : 0;
    }
    if (a.isExact() && b.isExact()) {
        const int order = NumberAccess::fraction(a).compare(NumberAccess::fraction(b));
        return order < 0 ? -1 : order > 0 ? 1 : 0;
    }
    const Real left = NumberAccess::real(a);
    const Real right = NumberAccess::real(b);
    static const Real kSame("1e-40");
    const Real larger = abs(left) > abs(right) ? abs(left) : abs(right);
    if (abs(left - right) <= larger * kSame)
        return 0;
    return left < right ? -1 : 1;
}

} // namespace ponder
