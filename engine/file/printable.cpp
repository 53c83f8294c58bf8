#include "engine/file/printable.h"

#include <cstdint>

namespace ponder {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

/// The length of the character that the text begins with; 0 where it begins with none.
std::size_t characterAt(std::string_view text, std::uint32_t& code)
{
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    if (first < 0x80) {
        code = first;
        return 1;
    }
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length)
        return 0;
    code = first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U)
            return 0;
        code = code << 6U | (byte(i) & 0x3FU);
    }
    constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool isSurrogate = code >= 0xD800 && code < 0xE000;
    return code < kLeast[length] || code > 0x10FFFF || isSurrogate ? 0 : length;
}

/// Whether a terminal or a line of text does something at it other than show it.
bool isOrder(std::uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) // C0, DEL, C1
        || code == 0x061C || code == 0x200E || code == 0x200F // marks of direction
        || (code >= 0x2028 && code <= 0x202E) // line and paragraph ends; embeddings, overrides
        || (code >= 0x2066 && code <= 0x2069) // isolates
        || code == 0xFEFF || (code >= 0xFFF9 && code <= 0xFFFB) // invisible
        || (code >= 0xE0000 && code <= 0xE007F); // tags
}

} // namespace

std::string printable(std::string_view text, std::size_t maxLength)
{
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        std::uint32_t code = 0;
        const std::size_t length = characterAt(text.substr(i), code);
        const std::string_view piece
            = length == 0 || isOrder(code) ? kReplacement : text.substr(i, length);
        i += length == 0 ? 1 : length;
        // What is too long ends with a whole character.
        if (out.size() + piece.size() > maxLength)
            return out + "…";
        out += piece;
    }
    return out;
}

} // namespace ponder
