#include "engine/reasoning/reading_arithmetic.h"

#include <algorithm>
#include <cmath>

namespace ponder {

namespace {

constexpr std::size_t kMaxUnits = 6;

void forget(Reading& reading)
{
    reading.known = false;
    reading.unknown = {};
    reading.slope = Number();
}

/// Both known, and no more than one variable between them.
bool together(Reading& left, const Reading& right)
{
    if (left.known && right.known
        && (left.unknown.empty() || right.unknown.empty() || left.unknown == right.unknown))
        return true;
    forget(left);
    return false;
}

void set(Reading& reading, const std::optional<Number>& value, const std::optional<Number>& slope)
{
    if (!value || !slope)
        return forget(reading);
    reading.value = *value;
    reading.slope = *slope;
    if (slope->isZero())
        reading.unknown = {};
}

} // namespace

void mergeNotes(Reading& left, const Reading& right)
{
    left.operators += right.operators + 1;
    left.literal = nullptr;
    left.scale = 0;
    left.percent = false;
    left.fraction = false;
    left.division = left.division || right.division;
    left.product = left.product || right.product;
    left.decimals = left.decimals || right.decimals;
    left.cut = left.cut || right.cut;
    left.counts = left.counts || right.counts;
    left.mixedUnits = left.mixedUnits || right.mixedUnits;
    left.currency = left.currency || right.currency;
    left.alternatives |= right.alternatives;
    for (const Unit& unit : right.units) {
        if (left.units.size() < kMaxUnits
            && std::ranges::find(left.units, unit) == left.units.end())
            left.units.push_back(unit);
    }
}

void addReading(Reading& left, const Reading& right, bool subtract)
{
    if (left.unit && right.unit && left.unit->dimension == right.unit->dimension
        && !(*left.unit == *right.unit))
        left.mixedUnits = true;
    if (!left.unit)
        left.unit = right.unit;
    if (!together(left, right))
        return;
    left.error += right.error;
    if (left.unknown.empty())
        left.unknown = right.unknown;
    set(left,
        subtract ? Number::subtract(left.value, right.value) : Number::add(left.value, right.value),
        subtract ? Number::subtract(left.slope, right.slope)
                 : Number::add(left.slope, right.slope));
}

void multiplyReading(Reading& left, const Reading& right)
{
    left.unit = right.unit ? right.unit : left.unit;
    left.product = true;
    if (!together(left, right))
        return;
    if (!left.unknown.empty() && !right.unknown.empty())
        return forget(left);
    left.error = left.error * std::abs(right.value.toDouble())
        + right.error * std::abs(left.value.toDouble());
    const Number& factor = right.unknown.empty() ? right.value : left.value;
    const Number& slope = right.unknown.empty() ? left.slope : right.slope;
    if (left.unknown.empty())
        left.unknown = right.unknown;
    const auto newSlope = Number::multiply(slope, factor);
    if (!left.unknown.empty() && newSlope && newSlope->isZero())
        return forget(left); // nothing times a name is hardly meant
    set(left, Number::multiply(left.value, right.value), newSlope);
}

void divideReading(Reading& left, const Reading& right)
{
    left.unit = left.unit ? left.unit : right.unit;
    left.division = true;
    if (!together(left, right))
        return;
    if (!right.unknown.empty() || right.value.isZero())
        return forget(left);
    const double divisor = std::abs(right.value.toDouble());
    left.error = left.error / divisor
        + right.error * std::abs(left.value.toDouble()) / (divisor * divisor);
    set(left, Number::divide(left.value, right.value), Number::divide(left.slope, right.value));
}

void raiseReading(Reading& left, const Reading& exponent)
{
    if (!left.constant() || !exponent.constant())
        return forget(left);
    const double base = std::abs(left.value.toDouble());
    const double relative = base > 0 ? left.error / base * std::abs(exponent.value.toDouble()) : 0;
    const double growth = base > 0 ? exponent.error * std::abs(std::log(base)) : 0;
    set(left, Number::power(left.value, exponent.value), Number());
    left.error = (relative + growth) * (left.known ? std::abs(left.value.toDouble()) : 0);
}

void moduloReading(Reading& left, const Reading& right)
{
    if (!left.constant() || !right.constant() || right.value.isZero())
        return forget(left);
    set(left, Number::modulo(left.value, right.value), Number());
}

void negateReading(Reading& reading)
{
    reading.value = reading.value.negated();
    reading.slope = reading.slope.negated();
    if (reading.lead)
        reading.lead = reading.lead->negated();
}

void applyReading(Reading& reading, const std::optional<Number>& result)
{
    if (!reading.constant() || !result)
        return forget(reading);
    reading.value = *result;
    reading.literal = nullptr;
    reading.percent = false;
    reading.fraction = false;
    reading.operators += 1;
    reading.onlyTight = false;
}

} // namespace ponder
