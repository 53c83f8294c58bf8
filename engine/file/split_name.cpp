#include "engine/file/split_name.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

namespace ponder {
namespace {

constexpr std::size_t kDigits = 5;

std::optional<std::uint32_t> number(std::string_view digits)
{
    if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    std::uint32_t value = 0;
    for (const char c : digits)
        value = value * 10 + static_cast<std::uint32_t>(c - '0');
    return value;
}

} // namespace

std::filesystem::path SplitName::path(std::uint32_t which) const
{
    char suffix[40] = {};
    std::snprintf(suffix, sizeof suffix, "-%05u-of-%05u.gguf", which, count);
    return stem.string() + suffix;
}

std::optional<SplitName> parseSplitName(const std::filesystem::path& path)
{
    // -00001-of-00009.gguf
    constexpr std::size_t kSuffix = 1 + kDigits + 4 + kDigits + 5;
    const std::string text = path.string();
    if (text.size() < kSuffix)
        return std::nullopt;
    const std::string_view suffix = std::string_view(text).substr(text.size() - kSuffix);
    if (suffix[0] != '-' || suffix.substr(1 + kDigits, 4) != "-of-" || !suffix.ends_with(".gguf"))
        return std::nullopt;
    const auto part = number(suffix.substr(1, kDigits));
    const auto count = number(suffix.substr(1 + kDigits + 4, kDigits));
    if (!part || !count || *part < 1 || *part > *count)
        return std::nullopt;
    return SplitName{text.substr(0, text.size() - kSuffix), *part, *count};
}

} // namespace ponder
