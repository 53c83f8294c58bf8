#include "engine/reasoning/text_alignment.h"

#include <algorithm>
#include <optional>

#include "engine/base/blank.h"

namespace ponder {

namespace {

constexpr std::size_t kMaxTag = 64; ///< longer than every tag
constexpr std::size_t kSure = 8; ///< so many equal bytes are no accident

/// How many bytes at the end of `text` are missing in `other`, which goes on with what stands before them.
std::optional<std::size_t> extraAtEnd(std::string_view text, std::string_view other)
{
    const std::string_view wanted = other.substr(other.size() - std::min(kSure, other.size()));
    for (std::size_t skip = 1; skip <= std::min(kMaxTag, text.size()); ++skip) {
        if (text.substr(0, text.size() - skip).ends_with(wanted))
            return skip;
    }
    return std::nullopt;
}

} // namespace

std::vector<std::size_t> alignedOffsets(std::string_view before, std::string_view now)
{
    std::vector<std::size_t> offsets(before.size() + 1);
    offsets[before.size()] = now.size();
    // From the end backwards, since what goes is most often a tag at the beginning.
    const auto drop = [&](std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            before.remove_suffix(1);
            offsets[before.size()] = now.size();
        }
    };
    while (!before.empty() && !now.empty()) {
        if (before.back() == now.back()) {
            now.remove_suffix(1);
            drop(1);
        } else if (isSpace(now.back())) {
            now.remove_suffix(1);
        } else if (isSpace(before.back())) {
            drop(1);
        } else if (const auto gone = extraAtEnd(before, now)) {
            drop(*gone);
        } else if (const auto come = extraAtEnd(now, before)) {
            now.remove_suffix(*come);
        } else {
            now.remove_suffix(1);
            drop(1);
        }
    }
    drop(before.size());
    return offsets;
}

} // namespace ponder
