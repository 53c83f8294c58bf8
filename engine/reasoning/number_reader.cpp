#include "engine/reasoning/number_reader.h"

#include <algorithm>
#include <string>

#include "engine/reasoning/characters.h"

namespace ponder {

namespace {

constexpr std::size_t kGroup = 3; ///< digits between two separators of thousands
constexpr std::size_t kMaxWritten = 400;
constexpr int kMaxExponent = 300;

std::size_t digitsAt(std::string_view text, std::size_t at)
{
    std::size_t end = at;
    while (end < text.size() && isDigit(static_cast<unsigned char>(text[end])))
        ++end;
    return end - at;
}

/// How TeX, people and printers part thousands; empty: nothing of the kind stands there.
std::string_view groupSeparator(std::string_view text, std::size_t at, bool german)
{
    for (const std::string_view separator : {german ? std::string_view(".") : std::string_view(","),
             std::string_view("{,}"), std::string_view("\\,"), std::string_view("\xE2\x80\xAF")}) {
        if (text.substr(at).starts_with(separator)
            && digitsAt(text, at + separator.size()) == kGroup)
            return separator;
    }
    return {};
}

/// "2024-05-01", "1/2/2024", "10:30", "3.11.2": the end of it, or at itself.
std::size_t compoundEnd(std::string_view text, std::size_t end, char first, bool afterLabel)
{
    std::size_t next = end;
    int parts = 1;
    bool year = false;
    while (next < text.size() && text[next] == first && digitsAt(text, next + 1) > 0) {
        const std::size_t digits = digitsAt(text, next + 1);
        year = year || digits == 4;
        next += 1 + digits;
        ++parts;
    }
    if (first == '-' && parts == 2 && next - end == 5) { // 555-1234
        const bool three = end >= 3 && digitsAt(text, end - 3) == 3
            && (end == 3
                || !(isDigit(static_cast<unsigned char>(text[end - 4])) || text[end - 4] == ','
                    || text[end - 4] == '.'));
        return three ? next : end;
    }
    if (first == ':')
        return parts > 1 && !afterLabel ? next : end;
    return parts == 3 && year ? next : end;
}

struct Digits {
    std::string text;
    int decimals = 0;
    std::size_t end = 0;
    bool grouped = false;
};

Digits readDigits(std::string_view text, std::size_t at, bool german)
{
    Digits result;
    std::size_t end = at + digitsAt(text, at);
    result.text = text.substr(at, end - at);
    if (!result.text.empty() && result.text.size() <= kGroup && result.text[0] != '0') {
        for (auto separator = groupSeparator(text, end, german); !separator.empty();
            separator = groupSeparator(text, end, german)) {
            result.text += text.substr(end + separator.size(), kGroup);
            end += separator.size() + kGroup;
            result.grouped = true;
        }
    }
    const char point = german ? ',' : '.';
    if (end < text.size() && text[end] == point) {
        const std::size_t decimals = digitsAt(text, end + 1);
        // "1,2,3" is a list, whatever the language.
        const std::size_t after = end + 1 + decimals;
        const bool list
            = german && after < text.size() && text[after] == ',' && digitsAt(text, after + 1) > 0;
        if (decimals > 0 && !list) {
            result.text += text.substr(end + 1, decimals);
            result.decimals = static_cast<int>(std::min(decimals, kMaxWritten + 1));
            end = after;
        }
    }
    result.end = end;
    return result;
}

std::optional<Number> valueOf(const Digits& digits)
{
    return Number::fromDigits(digits.text, digits.decimals);
}

/// The digits of "3e-5"; 0 where there is no exponent.
std::size_t exponentLength(std::string_view text, std::size_t at, int& exponent)
{
    if (at >= text.size() || (text[at] != 'e' && text[at] != 'E'))
        return 0;
    std::size_t begin = at + 1;
    const bool sign = begin < text.size() && (text[begin] == '-' || text[begin] == '+');
    begin += sign ? 1 : 0;
    const std::size_t digits = digitsAt(text, begin);
    const std::size_t end = begin + digits;
    if (digits == 0 || digits > 3
        || (end < text.size() && isLatinLetter(static_cast<unsigned char>(text[end]))))
        return 0;
    exponent = std::stoi(std::string(text.substr(begin, digits)));
    if (sign && text[begin - 1] == '-')
        exponent = -exponent;
    return end - at;
}

/// 0x1F, 0b101: numbers of code, with the letters in them.
std::size_t codeLength(std::string_view text, std::size_t at)
{
    if (text[at] != '0' || at + 2 >= text.size() || (text[at + 1] != 'x' && text[at + 1] != 'b'))
        return 0;
    std::size_t end = at + 2;
    while (end < text.size()
        && (isDigit(static_cast<unsigned char>(text[end]))
            || isLatinLetter(static_cast<unsigned char>(text[end]))))
        ++end;
    return end > at + 2 ? end - at : 0;
}

bool isBase(std::string_view text, std::size_t at)
{
    if (at >= text.size())
        return false;
    const char32_t c = characterAt(text, at).code;
    return (c >= 0x2080 && c <= 0x2089) || c == '_';
}

} // namespace

NumberReading readNumber(std::string_view text, std::size_t at, Language language, bool afterLabel)
{
    if (const std::size_t length = codeLength(text, at); length > 0)
        return {length, std::nullopt};
    const bool german = language == Language::German;
    Digits digits = readDigits(text, at, german);
    if (german && digits.decimals == 0 && !digits.grouped
        && text.substr(digits.end).starts_with('.') && digitsAt(text, digits.end + 1) > 0)
        digits = readDigits(text, at, false); // models write 3.14 in German, too
    std::size_t end = digits.end;

    std::size_t compound = std::max({compoundEnd(text, end, ':', afterLabel),
        compoundEnd(text, end, '/', false), compoundEnd(text, end, '-', false)});
    while (compound < text.size() && text[compound] == '.' && digits.decimals > 0
        && digitsAt(text, compound + 1) > 0)
        compound += 1 + digitsAt(text, compound + 1);
    const bool code = digits.text.size() > 1 && digits.text[0] == '0' && digits.decimals == 0;
    if (compound > end || code || digits.text.size() > kMaxWritten)
        return {std::max(compound, end) - at, std::nullopt};

    auto value = valueOf(digits);
    int exponent = 0;
    if (const std::size_t length = exponentLength(text, end, exponent); length > 0) {
        end += length;
        if (std::abs(exponent) > kMaxExponent || !value)
            return {end - at, std::nullopt};
        value = Number::multiply(*value, Number::powerOfTen(exponent));
    }
    if (!value || isBase(text, end))
        return {end - at, std::nullopt};

    Literal literal;
    literal.value = *value;
    literal.decimals = std::max(0, digits.decimals - exponent);
    literal.digits = static_cast<int>(digits.text.size());
    const std::size_t lastDigit = digits.text.find_last_not_of('0');
    if (digits.decimals == 0 && lastDigit != std::string::npos)
        literal.zeros
            = static_cast<int>(digits.text.size() - 1 - lastDigit) + std::max(0, exponent);
    if (exponent > digits.decimals)
        literal.zeros = std::max(literal.zeros, exponent - digits.decimals);
    literal.binary = digits.text.find_first_not_of("01") == std::string::npos
        && digits.decimals == 0 && digits.text.size() > 1;
    const std::string_view after = text.substr(end);
    literal.goesOn = after.starts_with("...") || after.starts_with("…")
        || after.starts_with("\\ldots") || after.starts_with("\\dots");
    if (german) {
        const Digits other = readDigits(text, at, false);
        if (other.end == digits.end)
            literal.otherReading = valueOf(other);
    }
    return {end - at, std::move(literal)};
}

NumberReading readRaised(std::string_view text, std::size_t at)
{
    constexpr std::u32string_view kRaised = U"⁰¹²³⁴⁵⁶⁷⁸⁹";
    constexpr std::size_t kMax = 6;
    const Character first = characterAt(text, at);
    const bool negative = first.code == U'⁻';
    std::size_t length = negative ? first.length : 0;
    std::string digits;
    while (at + length < text.size()) {
        const Character c = characterAt(text, at + length);
        const std::size_t digit = kRaised.find(c.code);
        if (digit == std::u32string_view::npos)
            break;
        digits += static_cast<char>('0' + digit);
        length += c.length;
    }
    const auto value = digits.size() <= kMax ? Number::fromDigits(digits, 0) : std::nullopt;
    if (!value)
        return {length, std::nullopt};
    Literal literal;
    literal.value = negative ? value->negated() : *value;
    return {length, std::move(literal)};
}

std::optional<Number> vulgarFraction(char32_t character)
{
    struct Vulgar {
        char32_t code;
        int above, below;
    };
    constexpr Vulgar kFractions[] = {{U'½', 1, 2}, {U'¼', 1, 4}, {U'¾', 3, 4}, {U'⅓', 1, 3},
        {U'⅔', 2, 3}, {U'⅕', 1, 5}, {U'⅛', 1, 8}};
    for (const Vulgar& fraction : kFractions) {
        if (character == fraction.code)
            return Number::divide(Number(fraction.above), Number(fraction.below));
    }
    return std::nullopt;
}

} // namespace ponder
