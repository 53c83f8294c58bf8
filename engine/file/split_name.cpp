#include "engine/file/split_name.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <string_view>

namespace ponder {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDigits = 5;
constexpr std::string_view kOf = "-of-", kEnding = ".gguf";

std::optional<std::uint32_t> number(std::string_view digits)
{
    if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    std::uint32_t value = 0;
    for (const char c : digits)
        value = value * 10 + static_cast<std::uint32_t>(c - '0');
    return value;
}

bool equalsWithoutCase(std::string_view a, std::string_view b)
{
    return std::ranges::equal(
        a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

} // namespace

fs::path SplitName::path(std::uint32_t which) const
{
    char first[16] = {};
    char last[16] = {};
    std::snprintf(first, sizeof first, "-%05u", which);
    std::snprintf(last, sizeof last, "%05u", count);
    const fs::path usual = stem.string() + first + of + last + ending;
    std::error_code error;
    if (fs::exists(usual, error))
        return usual;
    const fs::path folder = usual.has_parent_path() ? usual.parent_path() : fs::path(".");
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
        entry.increment(error)) {
        const fs::path& other = entry->path();
        if (equalsWithoutCase(other.filename().string(), usual.filename().string()))
            return usual.has_parent_path() ? other : other.filename();
    }
    return usual;
}

std::optional<SplitName> parseSplitName(const fs::path& path)
{
    // -00001-of-00009.gguf
    constexpr std::size_t kSuffix = 1 + kDigits + kOf.size() + kDigits + kEnding.size();
    const std::string text = path.string();
    if (text.size() < kSuffix)
        return std::nullopt;
    const std::string_view suffix = std::string_view(text).substr(text.size() - kSuffix);
    const std::string_view of = suffix.substr(1 + kDigits, kOf.size());
    const std::string_view ending = suffix.substr(kSuffix - kEnding.size());
    if (suffix[0] != '-' || !equalsWithoutCase(of, kOf) || !equalsWithoutCase(ending, kEnding))
        return std::nullopt;
    const auto part = number(suffix.substr(1, kDigits));
    const auto count = number(suffix.substr(1 + kDigits + kOf.size(), kDigits));
    if (!part || !count || *part < 1 || *part > *count)
        return std::nullopt;
    return SplitName{
        text.substr(0, text.size() - kSuffix), *part, *count, std::string(of), std::string(ending)};
}

} // namespace ponder
