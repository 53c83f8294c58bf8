#pragma once

#include <cstdint>
#include <string_view>

namespace ponder {

enum class Language : std::uint8_t { English, German, Chinese };

/// What a word may do in a sum that is written in words.
enum class WordRole : std::uint8_t {
    None, ///< any other word; after a number it may be its unit
    Plus,
    Minus,
    Times,
    Divided, ///< "divided", which needs "by"
    Over,
    PowerOf, ///< "hoch", "to the power of" is several words
    Mod,
    Of, ///< a share of something: "20% of", "half of"
    Squared,
    Cubed,
    Half,
    Third,
    Quarter,
    Double,
    Percent,
    Is, ///< may state a result
    Equals, ///< states one
    Approximately,
    Digit, ///< a number word; see numberWord()
    Hundred,
    Scale, ///< thousand and more
    Label, ///< a number after it is a name: step 3
    Stops, ///< ends what may be the unit of a number
    Remainder,
    More, ///< after a number it says that it compares
    Clock,
    Hypothesis, ///< "if", "suppose": what follows need not be true
};

struct WordInfo {
    WordRole role = WordRole::None;
    std::int64_t value = 0; ///< of a number word or a scale
};

/// A word in lower case, or a run of Chinese. German words are known in German only: "null" and "fast" are others elsewhere.
[[nodiscard]] WordInfo wordInfo(std::string_view lower, Language language);

/// The longest word of sums that Chinese text begins with, in bytes; 0: none.
[[nodiscard]] std::size_t chineseWordLength(std::string_view text);

} // namespace ponder
