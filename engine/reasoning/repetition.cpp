#include "engine/reasoning/repetition.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace ponder {

namespace {

constexpr std::size_t kShortestMatch = 4, kLongestMatch = 258; // as in zlib
constexpr int kMaxTries = 16; ///< earlier places that are compared
constexpr std::size_t kPlaces = 4096;
// What zlib spends in the end on a letter and on a pointer back, in bits; measured on thoughts.
constexpr double kLetterBits = 5.5, kPointerBits = 17.5;

} // namespace

double compressedShare(std::string_view text)
{
    if (text.size() < kShortestMatch)
        return 1;
    std::vector<std::int32_t> last(kPlaces, -1); // by hash: the newest place
    std::vector<std::int32_t> before(
        text.size(), -1); // by place: the one before with the same hash
    const auto remember = [&](std::size_t place) {
        if (place + kShortestMatch > text.size())
            return;
        std::uint32_t bytes = 0;
        std::memcpy(&bytes, text.data() + place, kShortestMatch);
        std::int32_t& newest = last[(bytes * 2654435761U) >> 20U];
        before[place] = newest;
        newest = static_cast<std::int32_t>(place);
    };
    std::size_t letters = 0;
    std::size_t pointers = 0;
    for (std::size_t at = 0; at < text.size();) {
        remember(at);
        std::size_t longest = 0;
        int tries = 0;
        for (std::int32_t place = before[at]; place >= 0 && tries < kMaxTries;
            place = before[static_cast<std::size_t>(place)], ++tries) {
            const auto from = static_cast<std::size_t>(place);
            const std::size_t limit = std::min(kLongestMatch, text.size() - at);
            std::size_t length = 0;
            while (length < limit && text[from + length] == text[at + length])
                ++length;
            longest = std::max(longest, length);
        }
        if (longest < kShortestMatch) {
            ++letters;
            ++at;
            continue;
        }
        ++pointers;
        for (std::size_t i = 1; i < longest; ++i)
            remember(at + i);
        at += longest;
    }
    const double bits
        = kLetterBits * static_cast<double>(letters) + kPointerBits * static_cast<double>(pointers);
    return bits / 8 / static_cast<double>(text.size());
}

} // namespace ponder
