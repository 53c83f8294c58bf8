#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/text/bpe.h"
#include "engine/text/score_merger.h"
#include "engine/text/vocabulary.h"

namespace ponder {

/// Text without special tokens to token ids: normal form, split, merges.
///
/// Immutable after it is made; any number of threads may use one.
class PieceEncoder {
public:
    /// The vocabulary's tokens, types and merges are read here and not kept.
    /// usable: [tokens] those that text may become.
    PieceEncoder(const Vocabulary& vocabulary, const std::vector<bool>& usable);

    /// Appends the tokens of text; isFirst: nothing stands before it. Time grows as n log n.
    void encode(std::string_view text, bool isFirst, std::vector<std::int32_t>& ids) const;

    /// Appends the bytes that a token of this vocabulary stands for.
    void appendBytes(std::string_view token, TokenType type, std::string& bytes) const;

private:
    struct Workspace;
    class Cache;
    void encodeBytes(
        std::string_view text, Workspace& workspace, std::vector<std::int32_t>& ids) const;
    void encodeCharacters(
        std::string_view text, Workspace& workspace, std::vector<std::int32_t>& ids) const;
    void encodePiece(
        std::string_view piece, Workspace& workspace, std::vector<std::int32_t>& ids) const;
    void mergeBytes(
        std::string_view piece, Workspace& workspace, std::vector<std::int32_t>& ids) const;
    void mergeCharacters(
        std::string_view piece, Workspace& workspace, std::vector<std::int32_t>& ids) const;
    void appendSymbols(Workspace& workspace, std::vector<std::int32_t>& ids) const;
    void appendByteTokens(std::string_view bytes, std::vector<std::int32_t>& ids) const;
    void readByteTokens(const Vocabulary& vocabulary, const std::vector<bool>& usable);
    void readWholeTokens(const Vocabulary& vocabulary, const std::vector<bool>& usable);

    Vocabulary::Kind m_kind;
    PreTokenizer m_splitter;
    bool m_compose;
    SpacePrefix m_spacePrefix;
    std::size_t m_size; ///< of the vocabulary; symbols past it are no tokens
    std::int32_t m_unknown;
    Bpe m_bpe;
    ScoreMerger m_scores;
    std::array<std::int32_t, 256> m_byteTokens{}; ///< -1: the vocabulary has none
    std::vector<std::int32_t> m_unknownByte; ///< tokens of U+FFFD, for bytes without a token
    std::unordered_map<std::string, std::int32_t>
        m_whole; ///< pieces that are tokens, where merges are ignored for them
    std::unordered_map<std::string, std::int32_t>
        m_characters; ///< tokens of one character, Kind::Characters
    bool m_breaksBeforeSpace = false; ///< no token continues from a word into the space after it
};

} // namespace ponder
