#include "engine/reasoning/units.h"

#include <unordered_map>

namespace ponder {

namespace {

struct UnitEntry {
    std::string_view name;
    Unit unit;
};

using UnitTable = std::unordered_map<std::string_view, Unit>;

UnitTable makeUnits()
{
    using enum Unit::Dimension;
    static constexpr double kHour = 3600, kDay = 24 * kHour;
    static constexpr double kInch = 25.4; // mm

    static constexpr UnitEntry kUnits[] = {
        {"second", {Time, 1}},
        {"sec", {Time, 1}},
        {"sekunde", {Time, 1}},
        {"sekunden", {Time, 1}},
        {"秒", {Time, 1}},
        {"minute", {Time, 60}},
        {"min", {Time, 60}},
        {"minuten", {Time, 60}},
        {"分钟", {Time, 60}},
        {"hour", {Time, kHour}},
        {"hr", {Time, kHour}},
        {"stunde", {Time, kHour}},
        {"stunden", {Time, kHour}},
        {"小时", {Time, kHour}},
        {"day", {Time, kDay}},
        {"tag", {Time, kDay}},
        {"tage", {Time, kDay}},
        {"天", {Time, kDay}},
        {"week", {Time, 7 * kDay}},
        {"woche", {Time, 7 * kDay}},
        {"wochen", {Time, 7 * kDay}},
        {"month", {Time, 30 * kDay}},
        {"monat", {Time, 30 * kDay}},
        {"monate", {Time, 30 * kDay}},
        {"year", {Time, 360 * kDay}},
        {"yr", {Time, 360 * kDay}},
        {"jahr", {Time, 360 * kDay}},
        {"jahre", {Time, 360 * kDay}},
        {"decade", {Time, 3600 * kDay}},
        {"fortnight", {Time, 14 * kDay}},

        {"mm", {Length, 1}},
        {"millimeter", {Length, 1}},
        {"cm", {Length, 10}},
        {"centimeter", {Length, 10}},
        {"zentimeter", {Length, 10}},
        {"厘米", {Length, 10}},
        {"m", {Length, 1000}},
        {"meter", {Length, 1000}},
        {"metre", {Length, 1000}},
        {"米", {Length, 1000}},
        {"km", {Length, 1e6}},
        {"kilometer", {Length, 1e6}},
        {"kilometre", {Length, 1e6}},
        {"公里", {Length, 1e6}},
        {"千米", {Length, 1e6}},
        {"inch", {Length, kInch}},
        {"inche", {Length, kInch}},
        {"in", {Length, kInch}},
        {"foot", {Length, 12 * kInch}},
        {"feet", {Length, 12 * kInch}},
        {"ft", {Length, 12 * kInch}},
        {"yard", {Length, 36 * kInch}},
        {"yd", {Length, 36 * kInch}},
        {"mile", {Length, 63360 * kInch}},
        {"mi", {Length, 63360 * kInch}},

        {"mg", {Mass, 0.001}},
        {"g", {Mass, 1}},
        {"gram", {Mass, 1}},
        {"gramm", {Mass, 1}},
        {"克", {Mass, 1}},
        {"kg", {Mass, 1000}},
        {"kilogram", {Mass, 1000}},
        {"kilo", {Mass, 1000}},
        {"kilogramm", {Mass, 1000}},
        {"千克", {Mass, 1000}},
        {"公斤", {Mass, 1000}},
        {"ton", {Mass, 1e6}},
        {"tonne", {Mass, 1e6}},
        {"吨", {Mass, 1e6}},
        {"ounce", {Mass, 28.349523125}},
        {"oz", {Mass, 28.349523125}},
        {"pound", {Mass, 453.59237}},
        {"lb", {Mass, 453.59237}},

        {"ml", {Volume, 1}},
        {"milliliter", {Volume, 1}},
        {"毫升", {Volume, 1}},
        {"l", {Volume, 1000}},
        {"liter", {Volume, 1000}},
        {"litre", {Volume, 1000}},
        {"升", {Volume, 1000}},
        {"teaspoon", {Volume, 5}},
        {"tablespoon", {Volume, 15}},
        {"cup", {Volume, 240}},
        {"pint", {Volume, 480}},
        {"quart", {Volume, 960}},
        {"gallon", {Volume, 3840}},

        {"cent", {Money, 1}},
        {"penny", {Money, 1}},
        {"pennie", {Money, 1}},
        {"分", {Money, 1}},
        {"nickel", {Money, 5}},
        {"dime", {Money, 10}},
        {"quarter", {Money, 25}},
        {"dollar", {Money, 100}},
        {"euro", {Money, 100}},
        {"元", {Money, 100}},
        {"buck", {Money, 100}},

        {"dozen", {Count, 12}},
        {"dutzend", {Count, 12}},
        {"pair", {Count, 2}},
        {"couple", {Count, 2}},
        {"thousand", {Count, 1000}},
        {"k", {Count, 1000}},
    };
    UnitTable result;
    for (const UnitEntry& entry : kUnits)
        result.emplace(entry.name, entry.unit);
    return result;
}

} // namespace

std::optional<Unit> unitOf(std::string_view lower)
{
    static const UnitTable table = makeUnits();
    if (const auto found = table.find(lower); found != table.end())
        return found->second;
    if (lower.size() > 2 && lower.ends_with('s')) {
        if (const auto found = table.find(lower.substr(0, lower.size() - 1)); found != table.end())
            return found->second;
    }
    return std::nullopt;
}

bool isAbbreviation(std::string_view lower)
{
    for (const std::string_view word :
        {"sq", "ft", "in", "hr", "hrs", "min", "mins", "sec", "lb", "lbs", "oz", "yd", "yds", "cu",
            "approx", "ca", "std", "stk", "mio", "mrd", "pts", "no", "vs"}) {
        if (lower == word)
            return true;
    }
    return false;
}

} // namespace ponder
