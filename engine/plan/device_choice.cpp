#include "engine/plan/device_choice.h"

#include <algorithm>
#include <charconv>

namespace ponder {

std::optional<DeviceChoice> DeviceChoice::parse(std::string_view text)
{
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (lower == "auto")
        return DeviceChoice{};
    if (lower == "cpu")
        return DeviceChoice{Kind::Cpu};
    if (lower == "cuda")
        return DeviceChoice{Kind::Cuda};
    constexpr std::string_view kPrefix = "cuda:";
    if (!lower.starts_with(kPrefix))
        return std::nullopt;
    DeviceChoice choice{Kind::Cuda};
    const char* first = lower.data() + kPrefix.size();
    const char* last = lower.data() + lower.size();
    const auto [end, error] = std::from_chars(first, last, choice.index);
    if (error != std::errc() || end != last || choice.index < 0)
        return std::nullopt;
    return choice;
}

std::string DeviceChoice::text() const
{
    if (kind == Kind::Auto)
        return "auto";
    if (kind == Kind::Cpu)
        return "cpu";
    return index < 0 ? "cuda" : "cuda:" + std::to_string(index);
}

} // namespace ponder
