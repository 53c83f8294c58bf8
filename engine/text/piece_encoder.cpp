#include "engine/text/piece_encoder.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

#include "engine/base/utf8.h"
#include "engine/text/byte_alphabet.h"
#include "engine/text/nfc.h"

namespace ponder {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kSpace = "\xE2\x96\x81"; ///< "▁", a space in SentencePiece's tokens
constexpr std::size_t kLongestCached = 48;

/// The byte of "<0x0A>"; -1 for any other text.
int byteOfNumber(std::string_view token)
{
    if (token.size() != 6 || !token.starts_with("<0x") || !token.ends_with('>'))
        return -1;
    int value = 0;
    for (const char c : token.substr(3, 2)) {
        const std::size_t digit = std::string_view("0123456789ABCDEF").find(c);
        if (digit == std::string_view::npos)
            return -1;
        value = value * 16 + static_cast<int>(digit);
    }
    return value;
}

/// Whether a "▁" stands behind something else than "▁".
bool hasInnerSpace(std::string_view token)
{
    for (std::size_t at = token.find(kSpace); at != std::string_view::npos;
        at = token.find(kSpace, at + 1))
        if (at > 0 && !token.substr(0, at).ends_with(kSpace))
            return true;
    return false;
}

} // namespace

/// Pieces of one text seen before, by where their tokens stand in the output.
class PieceEncoder::Cache {
public:
    explicit Cache(std::size_t textLength)
        : m_entries(std::bit_ceil(std::clamp<std::size_t>(textLength / 8, 16, 16384)))
    {
    }

    struct Entry {
        std::string_view piece;
        std::size_t begin = 0; ///< in the output
        std::size_t count = 0;
    };

    /// The entry where `piece` is, or belongs.
    Entry& at(std::string_view piece)
    {
        return m_entries[std::hash<std::string_view>()(piece) & (m_entries.size() - 1)];
    }

private:
    std::vector<Entry> m_entries;
};

struct PieceEncoder::Workspace {
    explicit Workspace(std::size_t textLength)
        : cache(textLength)
    {
    }
    Cache cache;
    PreTokenizer::Workspace splitter;
    Bpe::Workspace bpe;
    ScoreMerger::Workspace scores;
    std::vector<std::int32_t> symbols;
    std::string key;
};

PieceEncoder::PieceEncoder(const Vocabulary& vocabulary, const std::vector<bool>& usable)
    : m_kind(vocabulary.kind)
    , m_splitter(vocabulary.splitter)
    , m_compose(vocabulary.compose)
    , m_spacePrefix(vocabulary.spacePrefix)
    , m_size(vocabulary.tokens.size())
    , m_unknown(vocabulary.unknown)
{
    if (m_kind == Vocabulary::Kind::Scores)
        m_scores = ScoreMerger(vocabulary.tokens, vocabulary.scores, usable);
    else
        m_bpe = Bpe(vocabulary.tokens, vocabulary.merges);
    readByteTokens(vocabulary, usable);
    readWholeTokens(vocabulary, usable);
    if (m_kind != Vocabulary::Kind::ByteLevel) {
        m_breaksBeforeSpace = std::ranges::none_of(vocabulary.tokens, hasInnerSpace);
        return;
    }
    std::vector<std::int32_t> replacement;
    appendByteTokens(kReplacement, replacement);
    if (replacement.size() == kReplacement.size()) {
        Workspace workspace(0);
        workspace.symbols = std::move(replacement);
        appendSymbols(workspace, m_unknownByte);
    }
}

void PieceEncoder::readByteTokens(const Vocabulary& vocabulary, const std::vector<bool>& usable)
{
    m_byteTokens.fill(-1);
    for (std::size_t i = 0; i < m_size; ++i) {
        const bool named = m_kind != Vocabulary::Kind::ByteLevel;
        // A user-defined token "ø" is the character, although its spelling is also that of a byte.
        if (!usable[i] && !(named && vocabulary.types[i] == TokenType::Byte))
            continue;
        const int byte
            = named ? byteOfNumber(vocabulary.tokens[i]) : byteOfLetter(vocabulary.tokens[i]);
        if (byte >= 0 && m_byteTokens[static_cast<std::size_t>(byte)] < 0)
            m_byteTokens[static_cast<std::size_t>(byte)] = static_cast<std::int32_t>(i);
    }
}

void PieceEncoder::readWholeTokens(const Vocabulary& vocabulary, const std::vector<bool>& usable)
{
    for (std::size_t i = 0; i < m_size; ++i) {
        const std::string_view token = vocabulary.tokens[i];
        if (!usable[i] || token.empty())
            continue;
        if (vocabulary.ignoreMerges) {
            std::string bytes;
            appendBytes(token, vocabulary.types[i], bytes);
            m_whole.emplace(m_kind == Vocabulary::Kind::ByteLevel ? bytes : std::string(token),
                static_cast<std::int32_t>(i));
        }
        if (m_kind == Vocabulary::Kind::Characters && utf8Length(token) == token.size())
            m_characters.emplace(token, static_cast<std::int32_t>(i));
    }
}

void PieceEncoder::appendBytes(std::string_view token, TokenType type, std::string& bytes) const
{
    if (m_kind == Vocabulary::Kind::ByteLevel) {
        appendBytesOf(token, bytes);
        return;
    }
    if (const int byte = type == TokenType::Byte ? byteOfNumber(token) : -1; byte >= 0) {
        bytes += static_cast<char>(byte);
        return;
    }
    while (!token.empty()) {
        const std::size_t space = std::min(token.find(kSpace), token.size());
        bytes += token.substr(0, space);
        if (space == token.size())
            break;
        bytes += ' ';
        token.remove_prefix(space + kSpace.size());
    }
}

void PieceEncoder::encode(std::string_view text, bool isFirst, std::vector<std::int32_t>& ids) const
{
    if (text.empty())
        return;
    Workspace workspace(text.size());
    std::string normal;
    if (m_compose && mayCompose(text)) {
        normal = composed(text);
        text = normal;
    }
    if (m_kind == Vocabulary::Kind::ByteLevel) {
        encodeBytes(text, workspace, ids);
        return;
    }
    std::string spaced;
    spaced.reserve(text.size() + text.size() / 3 + kSpace.size());
    if (m_spacePrefix == SpacePrefix::EveryText
        || (m_spacePrefix == SpacePrefix::First && isFirst && text.front() != ' '
            && !text.starts_with(kSpace)))
        spaced += kSpace;
    for (const char byte : text) {
        if (byte == ' ')
            spaced += kSpace;
        else
            spaced += byte;
    }
    encodeCharacters(spaced, workspace, ids);
}

void PieceEncoder::encodeBytes(
    std::string_view text, Workspace& workspace, std::vector<std::int32_t>& ids) const
{
    std::size_t i = 0;
    while (i < text.size()) {
        // The splitter wants valid UTF-8; bytes that are not are pieces of their own.
        const std::size_t valid = i + utf8ValidPrefix(text.substr(i));
        for (const std::string_view piece :
            m_splitter.split(text.substr(i, valid - i), workspace.splitter))
            encodePiece(piece, workspace, ids);
        i = valid;
        while (i < text.size() && utf8Length(text.substr(i)) == 0)
            ++i;
        if (i > valid)
            mergeBytes(text.substr(valid, i - valid), workspace, ids);
    }
}

void PieceEncoder::encodeCharacters(
    std::string_view text, Workspace& workspace, std::vector<std::int32_t>& ids) const
{
    if (!m_breaksBeforeSpace) {
        mergeCharacters(text, workspace, ids);
        return;
    }
    // No merge can cross the beginning of a word's space: words are pieces of their own.
    std::size_t begin = 0;
    while (begin < text.size()) {
        std::size_t end = begin;
        while (text.substr(end).starts_with(kSpace))
            end += kSpace.size();
        end = std::min(text.find(kSpace, end), text.size());
        encodePiece(text.substr(begin, end - begin), workspace, ids);
        begin = end;
    }
}

void PieceEncoder::encodePiece(
    std::string_view piece, Workspace& workspace, std::vector<std::int32_t>& ids) const
{
    const auto merge = m_kind == Vocabulary::Kind::ByteLevel ? &PieceEncoder::mergeBytes
                                                             : &PieceEncoder::mergeCharacters;
    if (piece.size() > kLongestCached) {
        (this->*merge)(piece, workspace, ids);
        return;
    }
    const std::size_t begin = ids.size();
    Cache::Entry& entry = workspace.cache.at(piece);
    if (entry.piece == piece) {
        ids.resize(begin + entry.count);
        std::copy_n(ids.begin() + static_cast<std::ptrdiff_t>(entry.begin), entry.count,
            ids.begin() + static_cast<std::ptrdiff_t>(begin));
        return;
    }
    (this->*merge)(piece, workspace, ids);
    entry = {piece, begin, ids.size() - begin};
}

void PieceEncoder::mergeBytes(
    std::string_view piece, Workspace& workspace, std::vector<std::int32_t>& ids) const
{
    if (!m_whole.empty()) {
        workspace.key.assign(piece);
        if (const auto whole = m_whole.find(workspace.key); whole != m_whole.end()) {
            ids.push_back(whole->second);
            return;
        }
    }
    workspace.symbols.clear();
    for (const char byte : piece)
        workspace.symbols.push_back(m_byteTokens[static_cast<unsigned char>(byte)]);
    appendSymbols(workspace, ids);
}

void PieceEncoder::mergeCharacters(
    std::string_view piece, Workspace& workspace, std::vector<std::int32_t>& ids) const
{
    const auto unknown = [&](std::string_view character, auto&& give) {
        const bool bytes = std::ranges::all_of(character,
            [this](char byte) { return m_byteTokens[static_cast<unsigned char>(byte)] >= 0; });
        if (bytes)
            for (const char byte : character)
                give(m_byteTokens[static_cast<unsigned char>(byte)]);
        else if (m_unknown >= 0)
            give(m_unknown);
    };
    if (m_kind == Vocabulary::Kind::Scores) {
        m_scores.merge(piece, workspace.scores, [&](std::string_view part, std::int32_t id) {
            if (id >= 0)
                ids.push_back(id);
            else
                unknown(part, [&](std::int32_t byte) { ids.push_back(byte); });
        });
        return;
    }
    if (!m_whole.empty()) {
        workspace.key.assign(piece);
        if (const auto whole = m_whole.find(workspace.key); whole != m_whole.end()) {
            ids.push_back(whole->second);
            return;
        }
    }
    auto& symbols = workspace.symbols;
    symbols.clear();
    for (std::size_t i = 0; i < piece.size();) {
        const std::size_t length = std::max<std::size_t>(utf8Length(piece.substr(i)), 1);
        const std::string_view character = piece.substr(i, length);
        i += length;
        workspace.key.assign(character);
        if (const auto id = m_characters.find(workspace.key); id != m_characters.end()) {
            symbols.push_back(id->second);
            continue;
        }
        unknown(character, [&](std::int32_t id) {
            if (id != m_unknown || symbols.empty() || symbols.back() != m_unknown)
                symbols.push_back(id);
        });
    }
    appendSymbols(workspace, ids);
}

void PieceEncoder::appendSymbols(Workspace& workspace, std::vector<std::int32_t>& ids) const
{
    m_bpe.merge(workspace.symbols, workspace.bpe);
    for (const std::int32_t symbol : workspace.symbols) {
        if (symbol >= 0 && static_cast<std::size_t>(symbol) < m_size) {
            ids.push_back(symbol);
        } else if (symbol < 0) {
            ids.insert(ids.end(), m_unknownByte.begin(), m_unknownByte.end());
        } else { // a merge whose product is no token: its bytes
            std::string bytes;
            appendBytes(m_bpe.extraSymbol(static_cast<std::size_t>(symbol) - m_size),
                TokenType::Normal, bytes);
            appendByteTokens(bytes, ids);
        }
    }
}

void PieceEncoder::appendByteTokens(std::string_view bytes, std::vector<std::int32_t>& ids) const
{
    for (const char byte : bytes)
        if (const std::int32_t id = m_byteTokens[static_cast<unsigned char>(byte)]; id >= 0)
            ids.push_back(id);
}

} // namespace ponder
