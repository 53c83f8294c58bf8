#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ponder {

/// Length of the UTF-8 character at the start of `text`: 1 to 4; 0 where it is not valid (overlong forms,
/// surrogates and numbers past U+10FFFF included) or cut short. text must not be empty.
[[nodiscard]] std::size_t utf8Length(std::string_view text);

/// How many bytes at the start of `text` are valid UTF-8.
[[nodiscard]] std::size_t utf8ValidPrefix(std::string_view text);

/// True where `text`, a byte sequence not valid by itself, may become a character with more bytes.
[[nodiscard]] bool utf8MayContinue(std::string_view text);

/// The character at the start of `text`, which utf8Length() must accept.
[[nodiscard]] char32_t utf8Decode(std::string_view text);

void utf8Append(std::string& text, char32_t character);

/// text with every invalid byte sequence replaced by U+FFFD.
[[nodiscard]] std::string utf8Repaired(std::string_view text);

/// Any bytes in, whole UTF-8 out. Wherever the input is cut, the joined output is
/// utf8Repaired(joined input). For one stream; not thread-safe.
class Utf8Stream {
public:
    [[nodiscard]] std::string push(std::string_view bytes);
    [[nodiscard]] std::string finish(); ///< what is left, as U+FFFD; starts afresh

private:
    std::string m_held; ///< at most 3 bytes
};

} // namespace ponder
