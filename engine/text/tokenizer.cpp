#include "engine/text/tokenizer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <unordered_map>
#include <utility>

#include "engine/text/bpe.h"
#include "engine/text/byte_alphabet.h"
#include "engine/text/pre_tokenizer.h"
#include "engine/text/special_tokens.h"

namespace ponder {

namespace {

enum class TokenType : std::int64_t {
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6
};

/// Tokens that end an answer, where the vocabulary has them as special tokens: several files name only one of theirs.
constexpr std::string_view kEndings[] = {
    "<｜end▁of▁sentence｜>",
    "<|EOT|>",
    "<|endoftext|>",
    "<|im_end|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end|>",
    "<|return|>",
    "<|call|>",
    "<end_of_turn>",
    "</s>",
};

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool looksLikeMarkup(std::string_view text)
{
    return text.size() > 2
        && ((text.front() == '<' && text.back() == '>')
            || (text.front() == '[' && text.back() == ']'));
}

/// Pieces of one text seen before, by where their tokens stand in the output.
class PieceCache {
public:
    explicit PieceCache(std::size_t textLength)
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

} // namespace

struct Tokenizer::Tables {
    Tables(PreTokenizer splitter, Bpe merger)
        : preTokenizer(std::move(splitter))
        , bpe(std::move(merger))
    {
    }

    PreTokenizer preTokenizer;
    Bpe bpe;
    std::array<std::int32_t, 256> byteTokens{}; ///< -1: the vocabulary has none
    SpecialTokens plain; ///< matched always
    SpecialTokens all; ///< matched where special tokens are asked for
    std::unordered_map<std::string, std::int32_t>
        added; ///< special and user-defined tokens by their text
    std::string blob; ///< the bytes of all tokens
    std::vector<std::uint32_t> offsets; ///< [vocabulary + 1], into blob
    std::vector<bool> special; ///< [vocabulary]
    std::vector<std::int32_t> endings;
    std::vector<std::int32_t> unknownByte; ///< tokens of U+FFFD, for bytes without a token
    std::u32string edges;
    std::int32_t bos = -1;
    std::int32_t eos = -1;
    bool addBos = false;

    void addToken(std::string_view text, std::int64_t type);
    void addEdges(std::string_view text);
    void readIds(const GgufFile& file);
    void encodeFragment(std::string_view text, std::vector<std::int32_t>& ids) const;
    void encodePieces(std::string_view text, std::vector<std::int32_t>& ids) const;
    void appendSymbols(std::vector<std::int32_t>& symbols, Bpe::Workspace& workspace,
        std::vector<std::int32_t>& ids) const;
    [[nodiscard]] std::size_t size() const { return special.size(); }
};

// --- loading ---

void Tokenizer::Tables::addEdges(std::string_view text)
{
    std::size_t last = text.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xC0) == 0x80)
        --last;
    for (const std::string_view edge : {text, text.substr(last)})
        if (utf8Length(edge) > 0 && edges.find(utf8Decode(edge)) == std::u32string::npos)
            edges.push_back(utf8Decode(edge));
}

void Tokenizer::Tables::addToken(std::string_view text, std::int64_t type)
{
    const auto id = static_cast<std::int32_t>(size());
    const auto kind = static_cast<TokenType>(type);
    const bool userDefined = kind == TokenType::UserDefined;
    const bool isSpecial = kind == TokenType::Control || kind == TokenType::Unknown
        || (userDefined && looksLikeMarkup(text));
    special.push_back(isSpecial);
    if ((isSpecial || userDefined) && !text.empty()) {
        blob += text;
        all.add(text, id);
        if (isSpecial)
            addEdges(text);
        else
            plain.add(text, id);
        added.emplace(text, id);
    } else {
        appendBytesOf(text, blob);
    }
    offsets.push_back(static_cast<std::uint32_t>(blob.size()));
}

void Tokenizer::Tables::readIds(const GgufFile& file)
{
    const auto idOf = [&](std::string_view key) {
        const auto value = file.getUint(key);
        return value && *value < size() ? static_cast<std::int32_t>(*value) : -1;
    };
    bos = idOf("tokenizer.ggml.bos_token_id");
    eos = idOf("tokenizer.ggml.eos_token_id");
    addBos = bos >= 0 && file.getBool("tokenizer.ggml.add_bos_token").value_or(false);

    endings = {eos, idOf("tokenizer.ggml.eot_token_id"), idOf("tokenizer.ggml.eom_token_id")};
    for (const std::string_view name : kEndings)
        if (const auto token = added.find(std::string(name)); token != added.end())
            endings.push_back(token->second);
    std::sort(endings.begin(), endings.end());
    endings.erase(std::unique(endings.begin(), endings.end()), endings.end());
    if (!endings.empty() && endings.front() < 0)
        endings.erase(endings.begin());
}

Result<Tokenizer> Tokenizer::fromGguf(const GgufFile& file)
{
    const auto damaged = [](const char* key) {
        return fail(ErrorCode::FileCorrupt,
            "The model file's tokenizer is damaged or missing, so text cannot be turned into "
            "tokens. Download the file again.",
            key);
    };
    const auto model = file.getString("tokenizer.ggml.model");
    if (!model)
        return damaged("tokenizer.ggml.model");
    if (*model != "gpt2")
        return fail(ErrorCode::UnsupportedTokenizer,
            "This model's tokenizer is of the kind \"" + utf8Repaired(*model)
                + "\", which Ponder does not know. It knows byte-level BPE (\"gpt2\") with the "
                  "rules "
                + PreTokenizer::supported() + ".",
            "tokenizer.ggml.model");
    auto preTokenizer = PreTokenizer::create(
        utf8Repaired(file.getString("tokenizer.ggml.pre").value_or("default")));
    if (!preTokenizer)
        return tl::unexpected(preTokenizer.error());

    const auto tokens = file.getStrings("tokenizer.ggml.tokens");
    if (!tokens || tokens->empty() || tokens->size() > (1u << 30))
        return damaged("tokenizer.ggml.tokens");
    const auto merges = file.getStrings("tokenizer.ggml.merges");
    if (!merges)
        return damaged("tokenizer.ggml.merges");
    const auto types = file.getInts("tokenizer.ggml.token_type");
    if (file.entry("tokenizer.ggml.token_type") && (!types || types->size() != tokens->size()))
        return damaged("tokenizer.ggml.token_type");

    auto bpe = Bpe::create(*tokens, *merges);
    if (!bpe)
        return tl::unexpected(bpe.error());
    auto tables = std::make_shared<Tables>(std::move(*preTokenizer), std::move(*bpe));

    std::size_t bytes = 0;
    for (const std::string_view token : *tokens)
        bytes += token.size();
    if (bytes > UINT32_MAX)
        return damaged("tokenizer.ggml.tokens");
    tables->blob.reserve(bytes);
    tables->offsets.reserve(tokens->size() + 1);
    tables->offsets.push_back(0);
    tables->byteTokens.fill(-1);
    for (std::size_t i = 0; i < tokens->size(); ++i) {
        if (const int byte = byteOfLetter((*tokens)[i]);
            byte >= 0 && tables->byteTokens[static_cast<std::size_t>(byte)] < 0)
            tables->byteTokens[static_cast<std::size_t>(byte)] = static_cast<std::int32_t>(i);
        tables->addToken((*tokens)[i], types ? (*types)[i] : 1);
    }
    tables->readIds(file);

    // A user-defined token "ø" is the character, although its spelling is also that of a byte.
    for (std::int32_t& id : tables->byteTokens)
        if (id >= 0
            && tables->added.contains(
                std::string(tables->blob, tables->offsets[static_cast<std::size_t>(id)],
                    tables->offsets[static_cast<std::size_t>(id) + 1]
                        - tables->offsets[static_cast<std::size_t>(id)])))
            id = -1;
    Bpe::Workspace workspace;
    std::vector<std::int32_t> replacement;
    for (const char byte : kReplacement)
        if (const std::int32_t id = tables->byteTokens[static_cast<unsigned char>(byte)]; id >= 0)
            replacement.push_back(id);
    if (replacement.size() == kReplacement.size())
        tables->appendSymbols(replacement, workspace, tables->unknownByte);
    return Tokenizer(std::move(tables));
}

Tokenizer::Tokenizer(std::shared_ptr<const Tables> tables)
    : m_tables(std::move(tables))
{
}

// --- text to tokens ---

void Tokenizer::Tables::appendSymbols(std::vector<std::int32_t>& symbols, Bpe::Workspace& workspace,
    std::vector<std::int32_t>& ids) const
{
    bpe.merge(symbols, workspace);
    for (const std::int32_t symbol : symbols) {
        if (symbol >= 0 && static_cast<std::size_t>(symbol) < size()) {
            ids.push_back(symbol);
        } else if (symbol < 0) {
            ids.insert(ids.end(), unknownByte.begin(), unknownByte.end());
        } else { // a merge whose product is no token: its bytes
            std::string bytes;
            appendBytesOf(bpe.extraSymbol(static_cast<std::size_t>(symbol) - size()), bytes);
            for (const char byte : bytes)
                if (const std::int32_t id = byteTokens[static_cast<unsigned char>(byte)]; id >= 0)
                    ids.push_back(id);
        }
    }
}

void Tokenizer::Tables::encodePieces(std::string_view text, std::vector<std::int32_t>& ids) const
{
    constexpr std::size_t kLongestCached = 48;
    Bpe::Workspace workspace;
    std::vector<std::int32_t> symbols;
    const auto encodePiece = [&](std::string_view piece) {
        symbols.clear();
        for (const char byte : piece)
            symbols.push_back(byteTokens[static_cast<unsigned char>(byte)]);
        appendSymbols(symbols, workspace, ids);
    };

    PieceCache cache(text.size());
    std::size_t i = 0;
    while (i < text.size()) {
        // PCRE2 wants valid UTF-8; bytes that are not are pieces of their own.
        std::size_t valid = i;
        while (valid < text.size()) {
            const std::size_t length = utf8Length(text.substr(valid));
            if (length == 0)
                break;
            valid += length;
        }
        for (const std::string_view piece : preTokenizer.split(text.substr(i, valid - i))) {
            const std::size_t begin = ids.size();
            if (piece.size() > kLongestCached) {
                encodePiece(piece);
                continue;
            }
            PieceCache::Entry& entry = cache.at(piece);
            if (entry.piece == piece) {
                ids.resize(begin + entry.count);
                std::copy_n(ids.begin() + static_cast<std::ptrdiff_t>(entry.begin), entry.count,
                    ids.begin() + static_cast<std::ptrdiff_t>(begin));
            } else {
                encodePiece(piece);
                entry = {piece, begin, ids.size() - begin};
            }
        }
        i = valid;
        while (i < text.size() && utf8Length(text.substr(i)) == 0)
            ++i;
        if (i > valid)
            encodePiece(text.substr(valid, i - valid));
    }
}

void Tokenizer::Tables::encodeFragment(std::string_view text, std::vector<std::int32_t>& ids) const
{
    std::size_t i = 0;
    while (i < text.size()) {
        const SpecialTokens::Match match = plain.find(text, i, text.size());
        const std::size_t end = std::min(match.begin, text.size());
        encodePieces(text.substr(i, end - i), ids);
        if (match.id >= 0)
            ids.push_back(match.id);
        i = match.id >= 0 ? match.end : end;
    }
}

std::vector<std::int32_t> Tokenizer::encode(
    std::string_view text, ParseSpecial special, std::span<const std::size_t> literals) const
{
    std::vector<std::int32_t> ids;
    ids.reserve(text.size() / 3 + 4);
    if (special == ParseSpecial::No) {
        m_tables->encodeFragment(text, ids);
        return ids;
    }
    std::size_t done = 0; // text before it is encoded
    std::size_t from = 0; // special tokens are looked for from here
    auto literal = literals.begin();
    while (from < text.size()) {
        while (literal != literals.end() && *literal < from)
            ++literal;
        const std::size_t limit
            = literal != literals.end() ? std::min(*literal, text.size()) : text.size();
        const SpecialTokens::Match match = m_tables->all.find(text, from, limit);
        if (match.id < 0) {
            from = limit + 1; // past the literal character's first byte; the others begin no token
            continue;
        }
        m_tables->encodeFragment(text.substr(done, match.begin - done), ids);
        ids.push_back(match.id);
        done = from = match.end;
    }
    m_tables->encodeFragment(text.substr(done), ids);
    return ids;
}

// --- tokens to text ---

std::string_view Tokenizer::bytes(std::int32_t id) const
{
    if (id < 0 || id >= vocabSize())
        return {};
    const auto i = static_cast<std::size_t>(id);
    return std::string_view(m_tables->blob)
        .substr(m_tables->offsets[i], m_tables->offsets[i + 1] - m_tables->offsets[i]);
}

std::string Tokenizer::decode(std::span<const std::int32_t> ids) const
{
    std::string text;
    for (const std::int32_t id : ids)
        text += bytes(id);
    return text;
}

std::string Tokenizer::tokenText(std::int32_t id) const
{
    return utf8Repaired(bytes(id));
}

std::int32_t Tokenizer::find(std::string_view text) const
{
    const auto token = m_tables->added.find(std::string(text));
    return token != m_tables->added.end() ? token->second : -1;
}

std::int32_t Tokenizer::vocabSize() const
{
    return static_cast<std::int32_t>(m_tables->size());
}

bool Tokenizer::isSpecial(std::int32_t id) const
{
    return id >= 0 && id < vocabSize() && m_tables->special[static_cast<std::size_t>(id)];
}

bool Tokenizer::isEndOfGeneration(std::int32_t id) const
{
    return std::binary_search(m_tables->endings.begin(), m_tables->endings.end(), id);
}

std::span<const std::int32_t> Tokenizer::endOfGeneration() const
{
    return m_tables->endings;
}
std::int32_t Tokenizer::bos() const
{
    return m_tables->bos;
}
std::int32_t Tokenizer::eos() const
{
    return m_tables->eos;
}
bool Tokenizer::addBos() const
{
    return m_tables->addBos;
}
const std::u32string& Tokenizer::specialEdges() const
{
    return m_tables->edges;
}

StreamDecoder::StreamDecoder(Tokenizer tokenizer)
    : m_tokenizer(std::move(tokenizer))
{
}

std::string StreamDecoder::push(std::int32_t id)
{
    return m_stream.push(m_tokenizer.bytes(id));
}
std::string StreamDecoder::finish()
{
    return m_stream.finish();
}

} // namespace ponder
