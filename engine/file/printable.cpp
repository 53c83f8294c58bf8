#include "engine/file/printable.h"

namespace ponder {

std::string printable(std::string_view text, std::size_t maxLength)
{
    std::string out;
    for (const char c : text.substr(0, maxLength))
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    // A cut inside a UTF-8 character would leave half of it.
    if (text.size() > maxLength) {
        while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0U) == 0x80U)
            out.pop_back();
        if (!out.empty() && (static_cast<unsigned char>(out.back()) & 0x80U) != 0)
            out.pop_back();
        out += "…";
    }
    return out;
}

} // namespace ponder
