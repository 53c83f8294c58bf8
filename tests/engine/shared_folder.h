#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

/// A folder of published files that is too large for this repository: next to it as ../shared, or where the
/// environment variable PONDER_SHARED says. Empty where there is none: the test then skips, saying so.
inline std::filesystem::path sharedFolder(const std::string& name)
{
    const char* given = std::getenv("PONDER_SHARED");
    const std::filesystem::path folder
        = (given ? std::filesystem::path(given)
                 : std::filesystem::path(PONDER_SOURCE_DIR) / ".." / "shared")
        / name;
    return std::filesystem::is_directory(folder) ? folder : std::filesystem::path();
}
