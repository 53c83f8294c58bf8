#include "engine/text/tokenizer.h"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "engine/text/vocabulary_reader.h"
#include "tests/engine/family_vocabularies.h"

using namespace ponder;
using namespace ponder::test;
using nlohmann::json;

namespace {

Result<Tokenizer> load(const json& tokenizer, const json& tokenizerConfig = nullptr,
    const json& config = nullptr, const json& generationConfig = nullptr)
{
    return readVocabulary(VocabularyTexts{tokenizer, tokenizerConfig, config, generationConfig})
        .map([](const Vocabulary& vocabulary) { return Tokenizer::create(vocabulary); });
}

struct Shapes : Families {
    [[nodiscard]] const json& family(const char* name) const { return all["families"][name]; }
    [[nodiscard]] json text(const char* name) const
    {
        return json::parse(tokenizerJson(family(name)));
    }

    /// The failure of a family's tokenizer.json after a change.
    [[nodiscard]] Error failure(const char* name, const std::function<void(json&)>& change) const
    {
        json changed = text(name);
        change(changed);
        const auto tokenizer = load(changed);
        REQUIRE_FALSE(tokenizer);
        CHECK(tokenizer.error().message.ends_with("."));
        return tokenizer.error();
    }
};

} // namespace

TEST_CASE("every family's tokenizer.json gives the tokens of Hugging Face's tokenizers")
{
    const Shapes shapes;
    for (const auto& [name, family] : shapes.all["families"].items()) {
        CAPTURE(name);
        const auto tokenizer = load(json::parse(shapes.tokenizerJson(family)));
        REQUIRE_MESSAGE(tokenizer, tokenizer.error().message);
        const auto wrong = shapes.wrongLines(*tokenizer, family);
        for (std::size_t i = 0; i < std::min<std::size_t>(wrong.size(), 5); ++i)
            FAIL_CHECK(json(wrong[i]).dump(-1, ' ', true));
        CHECK(wrong.empty());
    }
}

TEST_CASE("BOS and endings, from the post-processor, tokenizer_config.json and the two configs")
{
    const Shapes shapes;
    const json llama = shapes.text("llama3");
    CHECK(load(llama)->addBos()); // by the post-processor
    CHECK(load(llama)->bos() == load(llama)->find("<|begin_of_text|>"));
    CHECK_FALSE(load(llama, {{"add_bos_token", false}})->addBos());
    json sequence = llama;
    sequence["post_processor"] = {
        {"type", "Sequence"}, {"processors", {{{"type", "ByteLevel"}}, llama["post_processor"]}}};
    CHECK(load(sequence)->addBos());

    const json deepseek = shapes.text("deepseek-v3");
    json plain = deepseek;
    plain["post_processor"] = {{"type", "ByteLevel"}};
    CHECK_FALSE(load(plain)->addBos());
    const json config{{"add_bos_token", true},
        {"bos_token", {{"__type", "AddedToken"}, {"content", "<｜begin▁of▁sentence｜>"}}},
        {"eos_token", "<｜end▁of▁sentence｜>"}};
    const auto tokenizer = load(plain, config);
    CHECK(tokenizer->addBos());
    CHECK(tokenizer->eos() == tokenizer->find("<｜end▁of▁sentence｜>"));
    CHECK(tokenizer->isEndOfGeneration(tokenizer->eos()));

    const auto named = load(shapes.text("gpt-2"), nullptr,
        {{"bos_token_id", 7}, {"eos_token_id", 8}}, {{"eos_token_id", {9, 10, -5, "x", 1 << 30}}});
    CHECK(named->bos() == 7);
    CHECK_FALSE(named->addBos());
    CHECK(named->isEndOfGeneration(8));
    CHECK(named->isEndOfGeneration(9));
    CHECK(named->isEndOfGeneration(10));
    CHECK_FALSE(named->isEndOfGeneration(11));
}

TEST_CASE("added tokens may swallow the whitespace beside them")
{
    const Shapes shapes;
    json text = shapes.text("gpt-2");
    text["added_tokens"][0]["lstrip"] = true;
    text["added_tokens"][0]["rstrip"] = true;
    const auto tokenizer = load(text);
    const auto id = tokenizer->find("<|endoftext|>");
    CHECK(tokenizer->encode(" \n<|endoftext|>  <|endoftext|> ", ParseSpecial::Yes)
        == std::vector<std::int32_t>{id, id});
    const auto words = tokenizer->encode("a <|endoftext|> b", ParseSpecial::Yes);
    CHECK(tokenizer->decode(words) == "a<|endoftext|>b");
}

TEST_CASE("what tokenizer.json asks for and Ponder does not know is named")
{
    const Shapes shapes;
    const auto refuses = [&](const char* part, const json& value, const char* words) {
        CAPTURE(words);
        const Error error
            = shapes.failure("qwen3", [&](json& text) { text[json::json_pointer(part)] = value; });
        CHECK(error.code == ErrorCode::UnsupportedTokenizer);
        CHECK(error.message.find(words) != std::string::npos);
    };
    refuses("/model/type", "Unigram", "Unigram");
    refuses("/model/type", "WordPiece", "WordPiece");
    refuses("/model/end_of_word_suffix", "</w>", "end_of_word_suffix");
    refuses("/model/dropout", 0.1, "dropout");
    refuses("/normalizer", {{"type", "NFKC"}}, "NFKC");
    refuses("/normalizer/type", 5, "\"\"");
    refuses("/normalizer", "NFC", "string");
    refuses("/pre_tokenizer", {{"type", "Whitespace"}}, "Whitespace");
    refuses("/pre_tokenizer", nullptr, "neither bytes");
    refuses("/pre_tokenizer/pretokenizers/0/behavior", "MergedWithNext", "MergedWithNext");
    refuses("/pre_tokenizer/pretokenizers/1/add_prefix_space", true, "space before");
    refuses("/added_tokens/0/single_word", true, "single word");
    for (const char* pattern :
        {"[a&&b]", "[a[b]]", "(?m:.)", "\\G", "(", "a{2}+", "\\", "(*LIMIT_MATCH=1)a", "[\\S]", ""})
        refuses("/pre_tokenizer/pretokenizers/0/pattern/Regex", pattern, pattern);
}

TEST_CASE("a damaged tokenizer.json is refused with a sentence")
{
    const Shapes shapes;
    const auto damaged = [&](const char* part, const json& value) {
        CAPTURE(part);
        const Error error
            = shapes.failure("qwen3", [&](json& text) { text[json::json_pointer(part)] = value; });
        CHECK(error.code == ErrorCode::FileCorrupt);
    };
    damaged("/model", nullptr);
    damaged("/model", "BPE");
    damaged("/model/vocab", json::array());
    damaged("/model/vocab", json::object());
    damaged("/model/vocab/a", "1");
    damaged("/model/vocab/a", -1);
    damaged("/model/vocab/a", 1 << 30); // would take 16 GiB if it were believed
    damaged("/model/vocab/a", 1e300);
    damaged("/model/merges", nullptr);
    damaged("/model/merges/3", "ab");
    damaged("/model/merges/3", {"a"});
    damaged("/model/merges/3", {"a", 1});
    damaged("/model/merges/3", 7);
    damaged("/added_tokens", "x");
    damaged("/added_tokens/0", 1);
    damaged("/added_tokens/0/id", -3);
    damaged("/added_tokens/0/content", nullptr);
    for (const json& other : {json(nullptr), json(3), json("x"), json::array()}) {
        const auto tokenizer = load(other);
        REQUIRE_FALSE(tokenizer);
        CHECK(tokenizer.error().message.ends_with("."));
    }
}

TEST_CASE("a hostile rule costs a bounded time")
{
    const Shapes shapes;
    for (const char* pattern : {"(a|aa)+$", "(a+)+b", "(.*)*x", "a*a*a*a*b", "(?=(a+))a*b"}) {
        CAPTURE(pattern);
        json text = shapes.text("qwen3");
        text["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = pattern;
        const auto tokenizer = load(text);
        REQUIRE_MESSAGE(tokenizer, tokenizer.error().message);
        const std::string typed(20000, 'a');
        const auto start = std::chrono::steady_clock::now();
        CHECK(tokenizer->decode(tokenizer->encode(typed, ParseSpecial::Yes)) == typed);
        CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(30));
    }
}
