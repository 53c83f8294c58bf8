#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ponder {

/// A character of a text and its length in bytes. A byte that is no UTF-8 is a character by itself: U+FFFD, one byte.
struct Character {
    char32_t code = 0;
    std::uint8_t length = 1;
};

[[nodiscard]] Character characterAt(std::string_view text, std::size_t at);
[[nodiscard]] Character characterBefore(std::string_view text, std::size_t end); ///< end > 0

[[nodiscard]] inline bool isDigit(char32_t c)
{
    return c >= '0' && c <= '9';
}
[[nodiscard]] inline bool isLatinLetter(char32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
        || (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7);
}
[[nodiscard]] inline bool isGreekLetter(char32_t c)
{
    return c >= 0x370 && c <= 0x3FF;
}
[[nodiscard]] inline bool isHan(char32_t c)
{
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || c == 0x3007;
}
[[nodiscard]] bool isSpace(char32_t c); ///< but for line ends

/// a to z in place of A to Z, and German's capital umlauts.
[[nodiscard]] std::string lowered(std::string_view text);

/// Byte offsets to code points. Both only grow along the text.
class CodePoints {
public:
    explicit CodePoints(std::string_view text);
    [[nodiscard]] std::size_t at(std::size_t byte) const;
    [[nodiscard]] std::size_t byteAt(std::size_t codePoint) const;

private:
    static constexpr std::size_t kStride = 256;
    std::string_view m_text;
    std::vector<std::size_t> m_marks; ///< code points before every kStride-th byte
};

} // namespace ponder
