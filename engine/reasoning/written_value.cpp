#include "engine/reasoning/written_value.h"

#include <algorithm>
#include <cmath>

namespace ponder {

namespace {

constexpr double kLastDigits = 1e-3; ///< less than this part is off in the last digits only
constexpr int kMaxDecimals = 12; ///< of a value that has an end

double differenceOf(const Number& a, const Number& b)
{
    const auto difference = Number::subtract(a, b);
    return difference ? std::abs(difference->toDouble()) : INFINITY;
}

double relative(double difference, const Number& truth)
{
    const double size = std::abs(truth.toDouble());
    return size > 0 ? difference / size : INFINITY;
}

/// A sum without products is off by a digit or a carry, which no rounding explains, where it could be written exactly.
bool isSlipOfSum(const Reading& sum, const Reading& written, double difference, double unit)
{
    return !sum.division && !sum.product && sum.error > 0 && sum.lead && difference > 100 * unit
        && difference > 2 * sum.error && written.literal->decimals > 0
        && relative(difference, sum.value) > kLastDigits / 100;
}

} // namespace

Verdict compareWritten(const Reading& sum, const Reading& written, bool approximate)
{
    const Literal& literal = *written.literal;
    if (Number::compare(sum.value, written.value) == 0)
        return Verdict::Holds;
    const bool coarse = approximate && literal.decimals == 0;
    const double scale = written.percent && !written.value.isZero() && !literal.value.isZero()
        ? std::abs(written.value.toDouble() / literal.value.toDouble())
        : 1;
    const double unit
        = scale * std::pow(10.0, written.scale + (coarse ? literal.zeros : -literal.decimals));
    const double difference = differenceOf(sum.value, written.value);
    if (written.scale > 0) // 48 million
        return difference < unit ? Verdict::Holds : Verdict::Wrong;
    const int shown = literal.decimals + (scale < 0.5 ? 2 : 0);
    const auto exact = sum.value.exactDecimals();
    const bool representable = exact && *exact <= shown && !(coarse && literal.zeros > 0);
    if (difference < unit * (1 - 1e-12) && (!representable || literal.goesOn))
        return Verdict::Holds;
    const double off = relative(difference, sum.value);
    const bool inexact = approximate || literal.decimals > 0 || sum.decimals;
    const bool lastDigits = off < kLastDigits || difference <= sum.error + unit
        || (!representable && difference <= 2 * unit);
    if (inexact && lastDigits && !isSlipOfSum(sum, written, difference, unit))
        return Verdict::Rounding;
    return Verdict::Wrong;
}

Verdict compareSums(const Reading& left, const Reading& right, bool approximate)
{
    if (Number::compare(left.value, right.value) == 0)
        return Verdict::Holds;
    const double difference = differenceOf(left.value, right.value);
    if (difference <= (left.error + right.error) * 1.01)
        return Verdict::Holds;
    if (approximate)
        return Verdict::Unclear; // people put handier numbers in the place of others
    if (right.lead) { // 5 * 3 = 15 - 2 = 13 says two things in one line
        if (Number::compare(left.value, *right.lead) == 0)
            return Verdict::Holds;
        if (right.decimals
            && relative(differenceOf(left.value, *right.lead), left.value) < kLastDigits)
            return Verdict::Holds;
    }
    const double off = relative(difference, left.value);
    if (!left.decimals && !right.decimals)
        return Verdict::Wrong;
    return off < kLastDigits     ? Verdict::Holds
        : off < 20 * kLastDigits ? Verdict::Rounding
                                 : Verdict::Wrong;
}

bool convertible(const Reading& left, const Reading& right)
{
    if (left.mixedUnits || right.mixedUnits)
        return true;
    std::vector<Unit> units = left.units;
    units.insert(units.end(), right.units.begin(), right.units.end());
    const bool money = left.currency || right.currency;
    if (money && std::ranges::any_of(units, [](const Unit& unit) {
            return unit.dimension == Unit::Dimension::Money && unit.factor < 100;
        }))
        return true; // $2 + 50 cents
    const double a = left.value.toDouble();
    const double b = right.value.toDouble();
    const auto near = [b](double expected) { return std::abs(expected - b) <= 0.05 * std::abs(b); };
    for (const Unit& from : units) {
        // A dozen is twelve of something that may have no name.
        if (from.dimension == Unit::Dimension::Count
            && (near(a * from.factor) || near(a / from.factor)))
            return true;
        for (const Unit& to : units) {
            if (from == to || from.dimension != to.dimension)
                continue;
            // Months have 28 to 31 days, gallons several sizes: an inexact factor will do.
            if (near(a * from.factor / to.factor))
                return true;
        }
    }
    return false;
}

std::string valueText(const Number& value, const Reading* written)
{
    const int shown = written != nullptr && written->scale == 0 && written->literal != nullptr
        ? written->literal->decimals
        : 0;
    if (const auto exact = value.exactDecimals();
        exact && *exact <= std::max(kMaxDecimals, shown + 2))
        return value.toText(*exact);
    int decimals = std::max(4, shown + 2);
    const double size = std::abs(value.toDouble());
    if (size > 0 && size < 0.01)
        decimals = std::max(decimals, 4 - static_cast<int>(std::floor(std::log10(size))));
    std::string text = value.toText(std::min(decimals, 300));
    if (!value.isExact()
        && text.find('.') != std::string::npos) { // a logarithm that is a whole number
        text.erase(text.find_last_not_of('0') + 1);
        if (text.ends_with('.'))
            text.pop_back();
    }
    return text;
}

} // namespace ponder
