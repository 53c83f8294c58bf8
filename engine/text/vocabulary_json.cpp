#include "engine/text/vocabulary_reader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/utf8.h"
#include "engine/text/tokenizer_pipeline.h"

namespace ponder {

namespace {

using nlohmann::json;

tl::unexpected<Error> damagedJson(std::string context)
{
    return fail(ErrorCode::FileCorrupt,
        "The model's tokenizer.json is damaged, so text cannot be turned into tokens. Download the "
        "file again.",
        std::move(context));
}

tl::unexpected<Error> unknown(const std::string& what)
{
    return fail(ErrorCode::UnsupportedTokenizer,
        "This model's tokenizer.json asks for something that Ponder does not know: "
            + utf8Repaired(what) + ".",
        "tokenizer.json");
}

const json& at(const json& object, const char* key)
{
    static const json none;
    if (!object.is_object())
        return none;
    const auto value = object.find(key);
    return value != object.end() ? *value : none;
}

bool isTrue(const json& value)
{
    return value.is_boolean() && value.get<bool>();
}

std::string_view textOf(const json& value)
{
    return value.is_string() ? std::string_view(value.get_ref<const std::string&>())
                             : std::string_view();
}

/// An id below the bound; -1 for anything else.
std::int32_t idOf(const json& value, std::size_t bound)
{
    if (!value.is_number_integer())
        return -1;
    const auto id = value.get<std::int64_t>();
    return id >= 0 && static_cast<std::uint64_t>(id) < bound ? static_cast<std::int32_t>(id) : -1;
}

class VocabularyReader {
public:
    explicit VocabularyReader(const VocabularyTexts& texts)
        : m_texts(texts)
        , m_model(at(texts.tokenizer, "model"))
        , m_added(at(texts.tokenizer, "added_tokens"))
    {
    }

    Result<Vocabulary> read()
    {
        auto done = readKind();
        if (done)
            done = readTokens();
        if (done)
            done = readMerges();
        if (!done)
            return tl::unexpected(done.error());
        readIds();
        return std::move(m_made);
    }

private:
    Result<void> readKind()
    {
        if (!m_model.is_object())
            return damagedJson("model");
        if (at(m_model, "type") != "BPE")
            return unknown("a model of the kind \""
                + std::string(textOf(at(m_model, "type")).substr(0, 40))
                + "\", where it knows BPE");
        for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"})
            if (!textOf(at(m_model, key)).empty())
                return unknown(key);
        if (at(m_model, "dropout").is_number() && at(m_model, "dropout").get<double>() > 0)
            return unknown("dropout");
        auto pipeline = readPipeline(m_texts.tokenizer);
        if (!pipeline)
            return tl::unexpected(pipeline.error());
        m_made.compose = pipeline->compose;
        m_made.spacePrefix = pipeline->spacePrefix;
        m_made.ignoreMerges = isTrue(at(m_model, "ignore_merges"));
        if (pipeline->byteLevel) {
            if (pipeline->escapesSpaces || pipeline->spacePrefix != SpacePrefix::None)
                return unknown("tokens of bytes and of characters at once");
            auto splitter = PreTokenizer::create(pipeline->splits);
            if (!splitter)
                return tl::unexpected(splitter.error());
            m_made.splitter = std::move(*splitter);
            return {};
        }
        if (!pipeline->escapesSpaces || !pipeline->splits.empty())
            return unknown("tokens that are neither bytes nor SentencePiece's characters");
        m_made.kind = Vocabulary::Kind::Characters;
        return {};
    }

    Result<void> readTokens()
    {
        const json& vocab = at(m_model, "vocab");
        if (!vocab.is_object() || vocab.empty() || (!m_added.is_array() && !m_added.is_null()))
            return damagedJson("model.vocab");
        // A lying id must not make us allocate what it claims.
        const std::size_t bound = (vocab.size() + m_added.size()) * 4 + 100000;
        std::size_t size = 0;
        std::size_t bytes = 0;
        const auto measure = [&](const json& id, std::string_view text) {
            const std::int32_t number = idOf(id, bound);
            size = std::max(size, static_cast<std::size_t>(number + 1));
            bytes += text.size();
            return number >= 0 && bytes <= UINT32_MAX;
        };
        for (const auto& [token, id] : vocab.items())
            if (!measure(id, token))
                return damagedJson("model.vocab");
        for (const json& token : m_added)
            if (!token.is_object() || !at(token, "content").is_string()
                || !measure(at(token, "id"), textOf(at(token, "content"))))
                return damagedJson("added_tokens");
        m_made.tokens.resize(size);
        m_made.types.assign(size, TokenType::Unused);
        const bool bytesByName = isTrue(at(m_model, "byte_fallback"));
        for (auto entry = vocab.begin(); entry != vocab.end(); ++entry) {
            const std::string_view text = entry.key();
            const auto i = static_cast<std::size_t>(idOf(entry.value(), bound));
            m_made.tokens[i] = text;
            m_made.types[i] = bytesByName && text.size() == 6 && text.starts_with("<0x")
                ? TokenType::Byte
                : TokenType::Normal;
        }
        return readAdded(bound);
    }

    Result<void> readAdded(std::size_t bound)
    {
        for (const json& token : m_added) {
            const std::int32_t id = idOf(at(token, "id"), bound);
            if (isTrue(at(token, "single_word")))
                return unknown("an added token that must be a single word");
            m_made.tokens[static_cast<std::size_t>(id)] = textOf(at(token, "content"));
            m_made.types[static_cast<std::size_t>(id)]
                = isTrue(at(token, "special")) ? TokenType::Control : TokenType::UserDefined;
            if (isTrue(at(token, "lstrip")))
                m_made.takesSpaceBefore.push_back(id);
            if (isTrue(at(token, "rstrip")))
                m_made.takesSpaceBehind.push_back(id);
        }
        m_made.unknown = find(textOf(at(m_model, "unk_token")));
        return {};
    }

    Result<void> readMerges()
    {
        const json& merges = at(m_model, "merges");
        if (!merges.is_array())
            return damagedJson("model.merges");
        m_made.merges.reserve(merges.size());
        for (const json& merge : merges) {
            std::string_view left;
            std::string_view right;
            if (merge.is_array() && merge.size() == 2) {
                left = textOf(merge[0]);
                right = textOf(merge[1]);
            } else if (const std::string_view text = textOf(merge); !text.empty()) {
                const std::size_t space = text.find(' ', 1);
                left = text.substr(0, space);
                right = space < text.size() ? text.substr(space + 1) : std::string_view();
            }
            if (left.empty() || right.empty())
                return damagedJson("model.merges[" + std::to_string(m_made.merges.size()) + "]");
            m_made.merges.emplace_back(left, right);
        }
        return {};
    }

    [[nodiscard]] std::int32_t find(std::string_view text) const
    {
        if (text.empty())
            return -1;
        const auto token = std::ranges::find(m_made.tokens, text);
        return token != m_made.tokens.end()
            ? static_cast<std::int32_t>(token - m_made.tokens.begin())
            : -1;
    }

    /// bos_token and its like: a text, or an object with one; else the id that config.json gives.
    [[nodiscard]] std::int32_t named(const char* token, const char* id) const
    {
        const json& value = at(m_texts.tokenizerConfig, token);
        const std::int32_t known = find(textOf(value.is_object() ? at(value, "content") : value));
        return known >= 0 ? known : idOf(at(m_texts.config, id), m_made.tokens.size());
    }

    /// The token that the post-processor puts before a text; -1: none.
    [[nodiscard]] std::int32_t leadingToken(const json& processor, int depth = 0) const
    {
        if (at(processor, "type") == "Sequence" && depth < 8) {
            for (const json& inner : at(processor, "processors"))
                if (const std::int32_t id = leadingToken(inner, depth + 1); id >= 0)
                    return id;
        }
        const json& single = at(processor, "single");
        if (at(processor, "type") != "TemplateProcessing" || !single.is_array() || single.empty())
            return -1;
        return find(textOf(at(at(single.front(), "SpecialToken"), "id")));
    }

    void readIds()
    {
        const std::int32_t leading = leadingToken(at(m_texts.tokenizer, "post_processor"));
        m_made.bos = leading >= 0 ? leading : named("bos_token", "bos_token_id");
        m_made.eos = named("eos_token", "eos_token_id");
        const json& adds = at(m_texts.tokenizerConfig, "add_bos_token");
        m_made.addBos = m_made.bos >= 0 && (adds.is_boolean() ? adds.get<bool>() : leading >= 0);
        m_made.endings = {m_made.eos};
        for (const json* texts : {&m_texts.config, &m_texts.generationConfig}) {
            const json& ids = at(*texts, "eos_token_id");
            if (ids.is_array())
                for (const json& id : ids)
                    m_made.endings.push_back(idOf(id, m_made.tokens.size()));
            else
                m_made.endings.push_back(idOf(ids, m_made.tokens.size()));
        }
    }

    const VocabularyTexts& m_texts;
    const json& m_model;
    const json& m_added;
    Vocabulary m_made;
};

} // namespace

Result<Vocabulary> readVocabulary(const VocabularyTexts& texts)
{
    if (texts.tokenizer.is_null())
        return fail(ErrorCode::FileNotFound,
            "This model's folder has no tokenizer.json, so text cannot be turned into tokens. Get "
            "the "
            "file from where the model came from.",
            "tokenizer.json");
    if (!texts.tokenizer.is_object())
        return damagedJson("tokenizer.json");
    return VocabularyReader(texts).read();
}

} // namespace ponder
