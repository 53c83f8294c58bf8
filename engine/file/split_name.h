#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace ponder {

/// The name of one part of a split model: STEM-00002-of-00009.gguf, in small or capital letters.
struct SplitName {
    std::filesystem::path stem; ///< with its folder
    std::uint32_t part = 0; ///< from 1
    std::uint32_t count = 0;
    std::string of = "-of-", ending = ".gguf"; ///< as this part has them

    /// The name of another part; where the folder has it in other letters (.GGUF), as it has it.
    [[nodiscard]] std::filesystem::path path(std::uint32_t which) const;
};

/// Nothing where the file's name is no part's.
[[nodiscard]] std::optional<SplitName> parseSplitName(const std::filesystem::path& path);

} // namespace ponder
