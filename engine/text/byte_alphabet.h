#pragma once

#include <string>
#include <string_view>

namespace ponder {

// Byte-level BPE spells every byte as one printable letter (GPT-2's bytes_to_unicode): 33..126, 161..172 and
// 174..255 as themselves, the other 68 as U+0100 and on, in their order: a space is "Ġ".

/// The byte that a letter stands for; -1 where `letter` is not exactly one letter of the alphabet.
[[nodiscard]] int byteOfLetter(std::string_view letter);

/// Appends the bytes that `spelling` stands for; what is outside the alphabet is appended as it is.
void appendBytesOf(std::string_view spelling, std::string& bytes);

} // namespace ponder
