#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/text/pre_tokenizer.h"

namespace ponder {

/// GGUF's kinds of tokens.
enum class TokenType : std::uint8_t {
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6
};

/// Where SentencePiece inserts a space that the text does not have.
enum class SpacePrefix : std::uint8_t {
    None,
    First, ///< at the very beginning, unless a special token or a space stands there
    EveryText, ///< at the beginning of every text between special tokens
};

/// What a model's file says of its tokens, whichever file it is: what a Tokenizer is made of. Texts point into the file.
struct Vocabulary {
    enum class Kind {
        ByteLevel, ///< merges over bytes, spelled in GPT-2's alphabet
        Characters, ///< merges over characters, spaces as "▁", other bytes as "<0x0A>"
        Scores, ///< the same without merges: the pair whose token has the highest score goes first
    };

    Kind kind = Kind::ByteLevel;
    std::vector<std::string_view> tokens; ///< by id; where an id has none, empty
    std::vector<TokenType> types; ///< [tokens]
    std::vector<std::pair<std::string_view, std::string_view>> merges; ///< best first
    std::vector<float> scores; ///< [tokens], for Kind::Scores

    PreTokenizer splitter; ///< for Kind::ByteLevel
    bool compose = false; ///< text is brought to NFC first
    bool ignoreMerges = false; ///< a piece that is a token is that token, whatever the merges say
    SpacePrefix spacePrefix = SpacePrefix::None;
    std::int32_t unknown = -1; ///< for characters without a token; Kind::ByteLevel has none

    std::vector<std::int32_t>
        takesSpaceBefore; ///< special tokens that swallow whitespace on their left
    std::vector<std::int32_t> takesSpaceBehind; ///< and on their right

    std::int32_t bos = -1; ///< -1: none
    std::int32_t eos = -1;
    bool addBos = false;
    std::vector<std::int32_t> endings; ///< that the file names: eos, eot, eom; may hold -1
    std::string remark; ///< a sentence where something had to be guessed
};

} // namespace ponder
