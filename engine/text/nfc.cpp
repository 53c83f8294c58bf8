#include "engine/text/nfc.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include "engine/base/utf8.h"

namespace ponder {

namespace {

struct CombiningClass {
    char32_t first;
    char32_t last;
    unsigned char value;
};
struct Decomposition {
    char32_t character;
    char32_t first;
    char32_t second;
};
struct Composition {
    char32_t first;
    char32_t second;
    char32_t character;
};

#include "engine/text/nfc_tables.inc"

// Hangul syllables compose by arithmetic (Unicode, 3.12).
constexpr char32_t kSyllables = 0xAC00;
constexpr char32_t kLeads = 0x1100;
constexpr char32_t kVowels = 0x1161;
constexpr char32_t kTails = 0x11A7; ///< the first stands for no tail
constexpr char32_t kLeadCount = 19;
constexpr char32_t kVowelCount = 21;
constexpr char32_t kTailCount = 28;
constexpr char32_t kSyllableCount = kLeadCount * kVowelCount * kTailCount;

constexpr char32_t kFirstOfInterest
    = 0x300; ///< no character before it changes or combines with its left

int classOf(char32_t character)
{
    const auto range = std::lower_bound(std::begin(kClasses), std::end(kClasses), character,
        [](const CombiningClass& entry, char32_t c) { return entry.last < c; });
    return range != std::end(kClasses) && range->first <= character ? range->value : 0;
}

char32_t composition(char32_t first, char32_t second)
{
    if (first >= kLeads && first < kLeads + kLeadCount && second >= kVowels
        && second < kVowels + kVowelCount)
        return kSyllables + ((first - kLeads) * kVowelCount + (second - kVowels)) * kTailCount;
    if (first >= kSyllables && first < kSyllables + kSyllableCount
        && (first - kSyllables) % kTailCount == 0 && second > kTails
        && second < kTails + kTailCount)
        return first + (second - kTails);
    const auto found = std::lower_bound(std::begin(kCompositions), std::end(kCompositions),
        std::pair(first, second), [](const Composition& entry, const auto& pair) {
            return std::pair(entry.first, entry.second) < pair;
        });
    return found != std::end(kCompositions) && found->first == first && found->second == second
        ? found->character
        : 0;
}

const Decomposition* decomposition(char32_t character)
{
    const auto found = std::lower_bound(std::begin(kDecompositions), std::end(kDecompositions),
        character, [](const Decomposition& entry, char32_t c) { return entry.character < c; });
    return found != std::end(kDecompositions) && found->character == character ? found : nullptr;
}

/// No combining mark, and yet the second of some pair.
bool isFollower(char32_t character)
{
    return (character >= kVowels && character < kVowels + kVowelCount)
        || (character > kTails && character < kTails + kTailCount)
        || std::binary_search(std::begin(kFollowers), std::end(kFollowers), character);
}

/// Whether a character stays as it is in every text, and whatever stands behind it cannot pass it.
bool isStable(char32_t character)
{
    if (character < kFirstOfInterest)
        return true;
    if (classOf(character) != 0 || isFollower(character))
        return false;
    const Decomposition* parts = decomposition(character);
    return !parts || (parts->second != 0 && composition(parts->first, parts->second) == character);
}

struct Mark {
    char32_t character;
    int combiningClass;
};

void decompose(char32_t character, std::vector<Mark>& into)
{
    if (character >= kSyllables && character < kSyllables + kSyllableCount) {
        const char32_t index = character - kSyllables;
        into.push_back({kLeads + index / (kVowelCount * kTailCount), 0});
        into.push_back({kVowels + index % (kVowelCount * kTailCount) / kTailCount, 0});
        if (index % kTailCount != 0)
            into.push_back({kTails + index % kTailCount, 0});
        return;
    }
    if (const Decomposition* parts = decomposition(character)) { // at most four deep
        decompose(parts->first, into);
        if (parts->second != 0)
            decompose(parts->second, into);
        return;
    }
    into.push_back({character, classOf(character)});
}

/// Puts the marks behind each starter in order.
void order(std::vector<Mark>& marks)
{
    for (auto begin = marks.begin(); begin != marks.end();) {
        if (begin->combiningClass == 0) {
            ++begin;
            continue;
        }
        const auto end = std::find_if(
            begin, marks.end(), [](const Mark& mark) { return mark.combiningClass == 0; });
        std::stable_sort(begin, end,
            [](const Mark& a, const Mark& b) { return a.combiningClass < b.combiningClass; });
        begin = end;
    }
}

/// Composes decomposed and ordered marks, and appends them.
void compose(std::vector<Mark>& marks, std::string& out)
{
    constexpr std::size_t kNone = ~std::size_t{0};
    std::size_t starter = kNone;
    std::size_t kept = 0;
    int before = -1; // the class of the last mark kept behind the starter; -1: none
    for (std::size_t i = 0; i < marks.size(); ++i) {
        const Mark mark = marks[i];
        if (starter != kNone && before < mark.combiningClass) {
            if (const char32_t whole = composition(marks[starter].character, mark.character)) {
                marks[starter].character = whole;
                continue;
            }
        }
        if (mark.combiningClass == 0) {
            starter = kept;
            before = -1;
        } else {
            before = mark.combiningClass;
        }
        marks[kept++] = mark;
    }
    for (std::size_t i = 0; i < kept; ++i)
        utf8Append(out, marks[i].character);
}

/// Where the first character that isStable() denies begins, and the character before it.
struct Place {
    std::size_t before = 0; ///< a stable character, or the unstable one where there is none
    std::size_t at = std::string_view::npos; ///< npos: there is none
};

Place firstUnstable(std::string_view text, std::size_t from)
{
    Place place{from, std::string_view::npos};
    for (std::size_t i = from; i < text.size();) {
        if (static_cast<unsigned char>(text[i]) < 0xCC) { // up to U+02FF, or no character at all
            place.before = i;
            const std::size_t length = utf8Length(text.substr(i));
            i += std::max<std::size_t>(length, 1);
            if (length == 0)
                place.before = i;
            continue;
        }
        const std::size_t length = utf8Length(text.substr(i));
        if (length == 0) {
            place.before = ++i;
            continue;
        }
        if (!isStable(utf8Decode(text.substr(i)))) {
            place.at = i;
            return place;
        }
        place.before = i;
        i += length;
    }
    return place;
}

} // namespace

bool mayCompose(std::string_view text)
{
    return firstUnstable(text, 0).at != std::string_view::npos;
}

std::string composed(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    std::vector<Mark> marks;
    std::size_t done = 0;
    while (done < text.size()) {
        const Place place = firstUnstable(text, done);
        if (place.at == std::string_view::npos)
            break;
        out += text.substr(done, place.before - done);
        marks.clear();
        std::size_t i = place.before;
        while (i < text.size()) {
            const std::size_t length = utf8Length(text.substr(i));
            const char32_t character = length > 0 ? utf8Decode(text.substr(i)) : 0;
            if (length == 0 || (i > place.at && isStable(character)))
                break;
            decompose(character, marks);
            i += length;
        }
        order(marks);
        compose(marks, out);
        done = i;
    }
    out += text.substr(done);
    return out;
}

} // namespace ponder
