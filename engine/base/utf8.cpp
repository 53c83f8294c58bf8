#include "engine/base/utf8.h"

#include <array>
#include <cassert>
#include <utility>

namespace ponder {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

unsigned char at(std::string_view text, std::size_t i)
{
    return static_cast<unsigned char>(text[i]);
}

/// Bytes a character has that starts with `lead`; 0 where none does.
std::size_t expectedLength(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2)
        return 0;
    if (lead < 0xE0)
        return 2;
    if (lead < 0xF0)
        return 3;
    return lead < 0xF5 ? 4 : 0;
}

/// The second byte's range, by which overlong forms, surrogates and too large numbers are told (Unicode, table 3-7).
std::array<unsigned char, 2> secondRange(unsigned char lead)
{
    switch (lead) {
    case 0xE0:
        return {0xA0, 0xBF};
    case 0xED:
        return {0x80, 0x9F};
    case 0xF0:
        return {0x90, 0xBF};
    case 0xF4:
        return {0x80, 0x8F};
    default:
        return {0x80, 0xBF};
    }
}

/// How many leading bytes of text fit one valid character, and whether that character is whole.
std::pair<std::size_t, bool> validPrefix(std::string_view text)
{
    const std::size_t expected = expectedLength(at(text, 0));
    if (expected == 0)
        return {0, false};
    std::size_t length = 1;
    while (length < expected && length < text.size()) {
        const auto [low, high]
            = length == 1 ? secondRange(at(text, 0)) : std::array<unsigned char, 2>{0x80, 0xBF};
        if (at(text, length) < low || at(text, length) > high)
            return {length, false};
        ++length;
    }
    return {length, length == expected};
}

} // namespace

std::size_t utf8Length(std::string_view text)
{
    assert(!text.empty());
    const auto [length, whole] = validPrefix(text);
    return whole ? length : 0;
}

std::size_t utf8ValidPrefix(std::string_view text)
{
    std::size_t i = 0;
    while (i < text.size()) {
        if (at(text, i) < 0x80) {
            ++i;
            continue;
        }
        const auto [length, whole] = validPrefix(text.substr(i));
        if (!whole)
            break;
        i += length;
    }
    return i;
}

bool utf8MayContinue(std::string_view text)
{
    if (text.empty())
        return false;
    const auto [length, whole] = validPrefix(text);
    return !whole && length == text.size();
}

char32_t utf8Decode(std::string_view text)
{
    const std::size_t length = utf8Length(text);
    assert(length > 0);
    if (length <= 1)
        return at(text, 0);
    char32_t character = at(text, 0) & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i)
        character = (character << 6) | (at(text, i) & 0x3Fu);
    return character;
}

void utf8Append(std::string& text, char32_t character)
{
    const auto byte = [&](char32_t value) { text.push_back(static_cast<char>(value)); };
    if (character < 0x80) {
        byte(character);
    } else if (character < 0x800) {
        byte(0xC0 | (character >> 6));
        byte(0x80 | (character & 0x3F));
    } else if (character < 0x10000) {
        byte(0xE0 | (character >> 12));
        byte(0x80 | ((character >> 6) & 0x3F));
        byte(0x80 | (character & 0x3F));
    } else {
        byte(0xF0 | (character >> 18));
        byte(0x80 | ((character >> 12) & 0x3F));
        byte(0x80 | ((character >> 6) & 0x3F));
        byte(0x80 | (character & 0x3F));
    }
}

std::string utf8Repaired(std::string_view text)
{
    Utf8Stream stream;
    std::string repaired = stream.push(text);
    repaired += stream.finish();
    return repaired;
}

std::string Utf8Stream::push(std::string_view bytes)
{
    std::string joined;
    if (!m_held.empty()) {
        joined = std::exchange(m_held, {});
        joined += bytes;
        bytes = joined;
    }
    std::string out;
    out.reserve(bytes.size());
    std::size_t settled = 0; // [settled, i) is valid and not yet copied
    std::size_t i = 0;
    while (i < bytes.size()) {
        if (at(bytes, i) < 0x80) {
            ++i;
            continue;
        }
        const auto [length, whole] = validPrefix(bytes.substr(i));
        if (whole) {
            i += length;
            continue;
        }
        out.append(bytes, settled, i - settled);
        if (length > 0 && i + length == bytes.size()) {
            m_held = bytes.substr(i);
            return out;
        }
        out += kReplacement;
        i += length == 0 ? 1 : length;
        settled = i;
    }
    out.append(bytes, settled, i - settled);
    return out;
}

std::string Utf8Stream::finish()
{
    const bool cut = !m_held.empty();
    m_held.clear();
    return cut ? std::string(kReplacement) : std::string();
}

} // namespace ponder
