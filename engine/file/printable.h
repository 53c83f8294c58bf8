#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>

namespace ponder {

/// A text from a file as it may stand in a message or on a terminal: valid UTF-8 on one line, of at most
/// maxLength bytes. Control characters, bytes that are no UTF-8, and the marks that reverse the
/// direction of writing become U+FFFD, so that no text of a file controls a terminal.
[[nodiscard]] std::string printable(std::string_view text, std::size_t maxLength = 64);

/// The same in full.
[[nodiscard]] inline std::string printableWhole(std::string_view text)
{
    return printable(text, std::numeric_limits<std::size_t>::max());
}

/// A file's name without its folder.
[[nodiscard]] inline std::string printableName(const std::filesystem::path& path)
{
    return printable(path.filename().string(), 200);
}

} // namespace ponder
