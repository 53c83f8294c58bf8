#include "engine/text/byte_alphabet.h"

#include <array>
#include <cstdint>

#include "engine/base/utf8.h"

namespace ponder {

namespace {

constexpr bool standsForItself(int byte)
{
    return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
}

/// [character] the byte of each letter, -1 for the others; letters end at U+0143.
constexpr std::array<std::int16_t, 0x144> makeBytes()
{
    std::array<std::int16_t, 0x144> bytes{};
    bytes.fill(-1);
    int next = 0x100;
    for (int byte = 0; byte < 256; ++byte)
        bytes[static_cast<std::size_t>(standsForItself(byte) ? byte : next++)]
            = static_cast<std::int16_t>(byte);
    return bytes;
}

constexpr auto kBytes = makeBytes();

} // namespace

int byteOfLetter(std::string_view letter)
{
    if (letter.empty() || utf8Length(letter) != letter.size())
        return -1;
    const char32_t character = utf8Decode(letter);
    return character < kBytes.size() ? kBytes[character] : -1;
}

void appendBytesOf(std::string_view spelling, std::string& bytes)
{
    while (!spelling.empty()) {
        std::size_t length = utf8Length(spelling);
        if (length == 0)
            length = 1;
        const std::string_view letter = spelling.substr(0, length);
        if (const int byte = byteOfLetter(letter); byte >= 0)
            bytes.push_back(static_cast<char>(byte));
        else
            bytes += letter;
        spelling.remove_prefix(length);
    }
}

} // namespace ponder
