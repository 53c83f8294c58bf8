#include "engine/text/tokenizer.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "engine/text/control_tokens.h"
#include "engine/text/piece_encoder.h"
#include "engine/text/special_tokens.h"
#include "engine/text/vocabulary_reader.h"

namespace ponder {

namespace {

/// Tokens that end an answer, where the vocabulary has them as special tokens: several files name only one of theirs.
constexpr std::string_view kEndings[] = {
    "<｜end▁of▁sentence｜>", "<|EOT|>", "<|endoftext|>", "<|end_of_text|>", "<|im_end|>",
    "<|eot_id|>", "<|eom_id|>", "<|end|>", "<|return|>", "<|call|>", "<end_of_turn>", "</s>",
    "<eos>", "<|eot|>", "<|eom|>", "<|eos|>", "<|endofturn|>", "[|endofturn|]", "<|end_of_turn|>",
    "<|END_OF_TURN_TOKEN|>", "<|end_of_sentence|>", "<｜hy_place▁holder▁no▁2｜>", "<seed:eos>",
    "<|observation|>",
    "<|user|>", // GLM: the next question is not the model's to write
};

constexpr std::string_view kWhitespace = " \t\n\v\f\r";

/// Which tokens are special, and which are matched in text as a whole.
struct Roles {
    explicit Roles(const Vocabulary& vocabulary)
        : special(vocabulary.tokens.size())
        , usable(vocabulary.tokens.size())
    {
        for (std::size_t i = 0; i < special.size(); ++i) {
            const TokenType type = vocabulary.types[i];
            const bool markup
                = type == TokenType::UserDefined && looksLikeMarkup(vocabulary.tokens[i]);
            special[i] = type == TokenType::Control || type == TokenType::Unknown || markup;
            usable[i] = !special[i] && type != TokenType::UserDefined && type != TokenType::Byte;
        }
    }
    std::vector<bool> special;
    std::vector<bool> usable; ///< may come out of merging
};

} // namespace

struct Tokenizer::Tables {
    Tables(const Vocabulary& vocabulary, Roles roles);

    PieceEncoder encoder;
    SpecialTokens plain; ///< matched always
    SpecialTokens all; ///< matched where special tokens are asked for
    std::unordered_map<std::string, std::int32_t>
        added; ///< special and user-defined tokens by their text
    std::string blob; ///< the bytes of all tokens
    std::vector<std::uint32_t> offsets; ///< [vocabulary + 1], into blob
    std::vector<bool> special; ///< [vocabulary]
    std::vector<std::int32_t> endings; ///< ascending
    std::vector<std::int32_t> takesSpaceBefore; ///< ascending
    std::vector<std::int32_t> takesSpaceBehind; ///< ascending
    std::u32string edges;
    std::string remark;
    std::int32_t bos;
    std::int32_t eos;
    bool addBos;
    bool spacePrefix;

    void addToken(std::string_view text, TokenType type, std::int32_t id);
    void addEdges(std::string_view text);
    void readEndings(std::vector<std::int32_t> named);
    [[nodiscard]] SpecialTokens::Match nextSpecial(
        std::string_view text, std::size_t done, std::size_t from, std::size_t limit) const;
    void encodeFragment(std::string_view text, bool isFirst, std::vector<std::int32_t>& ids) const;
};

// --- loading ---

Tokenizer::Tables::Tables(const Vocabulary& vocabulary, Roles roles)
    : encoder(vocabulary, roles.usable)
    , special(std::move(roles.special))
    , takesSpaceBefore(vocabulary.takesSpaceBefore)
    , takesSpaceBehind(vocabulary.takesSpaceBehind)
    , remark(vocabulary.remark)
    , bos(vocabulary.bos)
    , eos(vocabulary.eos)
    , addBos(vocabulary.addBos && vocabulary.bos >= 0)
    , spacePrefix(vocabulary.kind != Vocabulary::Kind::ByteLevel
          && vocabulary.spacePrefix != SpacePrefix::None)
{
    std::size_t bytes = 0;
    for (const std::string_view token : vocabulary.tokens)
        bytes += token.size();
    blob.reserve(bytes);
    offsets.reserve(special.size() + 1);
    offsets.push_back(0);
    for (std::size_t i = 0; i < special.size(); ++i)
        addToken(vocabulary.tokens[i], vocabulary.types[i], static_cast<std::int32_t>(i));
    std::ranges::sort(takesSpaceBefore);
    std::ranges::sort(takesSpaceBehind);
    readEndings(vocabulary.endings);
}

void Tokenizer::Tables::addEdges(std::string_view text)
{
    std::size_t last = text.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xC0) == 0x80)
        --last;
    for (const std::string_view edge : {text, text.substr(last)})
        if (utf8Length(edge) > 0 && edges.find(utf8Decode(edge)) == std::u32string::npos)
            edges.push_back(utf8Decode(edge));
}

void Tokenizer::Tables::addToken(std::string_view text, TokenType type, std::int32_t id)
{
    const bool isSpecial = special[static_cast<std::size_t>(id)];
    if ((isSpecial || type == TokenType::UserDefined) && !text.empty()) {
        blob += text;
        all.add(text, id);
        if (isSpecial)
            addEdges(text);
        else
            plain.add(text, id);
        added.emplace(text, id);
    } else {
        encoder.appendBytes(text, type, blob);
    }
    offsets.push_back(static_cast<std::uint32_t>(blob.size()));
}

void Tokenizer::Tables::readEndings(std::vector<std::int32_t> named)
{
    endings = std::move(named);
    const auto idOf = [this](std::string_view name) {
        const auto token = added.find(std::string(name));
        return token != added.end() ? token->second : -1;
    };
    for (const std::string_view name : kEndings)
        endings.push_back(idOf(name));
    // With channels an answer has several messages, and this ends only one of them.
    if (idOf("<|channel|>") >= 0 && idOf("<|return|>") >= 0)
        std::erase(endings, idOf("<|end|>"));
    std::ranges::sort(endings);
    endings.erase(std::unique(endings.begin(), endings.end()), endings.end());
    if (!endings.empty() && endings.front() < 0)
        endings.erase(endings.begin());
}

Tokenizer Tokenizer::create(const Vocabulary& vocabulary)
{
    return Tokenizer(std::make_shared<const Tables>(vocabulary, Roles(vocabulary)));
}

Result<Tokenizer> Tokenizer::fromModelFile(const ModelFile& file)
{
    return readVocabulary(file).map(&Tokenizer::create);
}

Tokenizer::Tokenizer(std::shared_ptr<const Tables> tables)
    : m_tables(std::move(tables))
{
}

// --- text to tokens ---

void Tokenizer::Tables::encodeFragment(
    std::string_view text, bool isFirst, std::vector<std::int32_t>& ids) const
{
    std::size_t i = 0;
    while (i < text.size()) {
        const SpecialTokens::Match match = plain.find(text, i, text.size());
        const std::size_t end = std::min(match.begin, text.size());
        encoder.encode(text.substr(i, end - i), isFirst && i == 0, ids);
        if (match.id >= 0)
            ids.push_back(match.id);
        i = match.id >= 0 ? match.end : end;
    }
}

/// The next special token, with the whitespace that it swallows; text before done belongs to others.
SpecialTokens::Match Tokenizer::Tables::nextSpecial(
    std::string_view text, std::size_t done, std::size_t from, std::size_t limit) const
{
    SpecialTokens::Match match = all.find(text, from, limit);
    if (match.id < 0)
        return match;
    if (std::ranges::binary_search(takesSpaceBefore, match.id))
        while (
            match.begin > done && kWhitespace.find(text[match.begin - 1]) != std::string_view::npos)
            --match.begin;
    if (std::ranges::binary_search(takesSpaceBehind, match.id))
        match.end = std::min(text.find_first_not_of(kWhitespace, match.end), text.size());
    return match;
}

std::vector<std::int32_t> Tokenizer::encode(
    std::string_view text, ParseSpecial special, std::span<const std::size_t> literals) const
{
    std::vector<std::int32_t> ids;
    ids.reserve(text.size() / 3 + 4);
    if (special == ParseSpecial::No) {
        m_tables->encodeFragment(text, true, ids);
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
        const SpecialTokens::Match match = m_tables->nextSpecial(text, done, from, limit);
        if (match.id < 0) {
            from = limit + 1; // past the literal character's first byte; the others begin no token
            continue;
        }
        m_tables->encodeFragment(text.substr(done, match.begin - done), done == 0, ids);
        ids.push_back(match.id);
        done = from = match.end;
    }
    m_tables->encodeFragment(text.substr(done), done == 0, ids);
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
    if (m_tables->spacePrefix && !ids.empty() && !isSpecial(ids.front()) && text.starts_with(' '))
        text.erase(0, 1); // the one that encode() put there
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
    return static_cast<std::int32_t>(m_tables->special.size());
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
const std::string& Tokenizer::remark() const
{
    return m_tables->remark;
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
