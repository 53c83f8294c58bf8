#include "engine/text/tokenizer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "tests/engine/family_vocabularies.h"

using namespace ponder;
using namespace ponder::test;
using nlohmann::json;

namespace {

Tokenizer loaded(const GgufBytes& built)
{
    auto tokenizer = load(built);
    REQUIRE_MESSAGE(tokenizer, tokenizer.error().message);
    return *tokenizer;
}

/// Says the first lines that are wrong, in full.
void expectNone(const std::string& family, const std::vector<std::string>& wrong)
{
    CAPTURE(family);
    for (std::size_t i = 0; i < std::min<std::size_t>(wrong.size(), 5); ++i)
        FAIL_CHECK(json(wrong[i]).dump(-1, ' ', true));
    CHECK(wrong.size() == 0);
}

} // namespace

TEST_CASE("every family's GGUF vocabulary gives the tokens of Hugging Face's tokenizers")
{
    const Families families;
    REQUIRE(families.corpus.size() >= 2000);
    for (const auto& [name, family] : families.all["families"].items()) {
        if (name == "llama-metaspace") // GGUF cannot say it
            continue;
        const Tokenizer tokenizer = loaded(families.gguf(family));
        CHECK(tokenizer.remark().empty());
        expectNone(name, families.wrongLines(tokenizer, family));
    }
}

TEST_CASE("the corpus tells every rule from every other")
{
    const Families families;
    const json& all = families.all["families"];
    for (const auto& [name, family] : all.items()) {
        if (!Families::isByteLevel(family))
            continue;
        for (const auto& [other, otherFamily] : all.items()) {
            if (!Families::isByteLevel(otherFamily) || family["pre"] == otherFamily["pre"]
                || (name == "qwen3" && other == "deepseek-r1-qwen")
                || (name == "deepseek-r1-qwen" && other == "qwen3"))
                continue;
            CAPTURE(name);
            CAPTURE(other);
            GgufBytes file = families.gguf(family);
            file.putText("tokenizer.ggml.pre", otherFamily["pre"]);
            CHECK(families.wrongLines(loaded(file), family).size() > 20);
        }
    }
}

TEST_CASE("what is encoded comes back")
{
    const Families families;
    for (const auto& [name, family] : families.all["families"].items()) {
        const Tokenizer tokenizer = loaded(families.gguf(family));
        const json& normalizer = family["tokenizer"]["normalizer"];
        const bool composes = normalizer.is_object() && normalizer["type"] == "NFC";
        int changed = 0;
        for (const std::string& line : families.corpus) {
            CAPTURE(name);
            CAPTURE(line);
            // "▁" itself is a space to SentencePiece, and its special tokens stand for themselves
            if (!Families::isByteLevel(family) && line.find("▁") != std::string::npos)
                continue;
            const std::string back = tokenizer.decode(tokenizer.encode(line, ParseSpecial::No));
            if (composes && back != line)
                ++changed;
            else
                CHECK(back == line);
        }
        CHECK((changed > 0) == composes);
        CHECK(changed < 400);
    }
}

TEST_CASE("a hostile megabyte costs no more than n log n, under every rule")
{
    const Families families;
    const auto repeated = [](std::string_view unit, std::size_t bytes) {
        std::string text;
        while (text.size() < bytes)
            text += unit;
        return text;
    };
#if defined(PONDER_SANITIZED)
    constexpr std::size_t kMegabyte = 1u << 17; // many times as slow
#else
    constexpr std::size_t kMegabyte = 1u << 20;
#endif
    double slowest = 0;
    for (const auto& [name, family] : families.all["families"].items()) {
        const Tokenizer tokenizer = loaded(families.gguf(family));
        for (const std::string_view unit : {"a", "A", " ", "\n", "7", "\u0301", "🙂", "世", "aB",
                 "'s", "\xFF", "<", " \n", "世A", "\u1112\u1161", "\u0301\u0323"}) {
            const bool whole = name == "gpt-oss" || name == "llama-spm";
            const std::string text = repeated(unit, whole ? kMegabyte : kMegabyte / 16);
            CAPTURE(name);
            CAPTURE(std::string(unit));
            const std::clock_t start = std::clock();
            const auto ids = tokenizer.encode(text, ParseSpecial::Yes);
            const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
            slowest = std::max(slowest, seconds);
            CHECK(seconds < 10); // under one where nothing else runs; hours if it were a square
            CHECK(ids.size() > kMegabyte / 1024);
        }
    }
    MESSAGE("the slowest took " << slowest << " s of processor time");
}

TEST_CASE("ordinary text goes at 5 MB/s and more, under every rule")
{
    const Families families;
#if defined(PONDER_SANITIZED)
    constexpr int kTimes = 1;
#else
    constexpr int kTimes = 3;
#endif
    std::string once;
    for (std::size_t i = 14; i < 100; ++i) // paragraphs in all languages, and code
        once += families.corpus[i] + "\n";
    std::string text;
    while (text.size() < (2u << 20))
        text += once;
    for (const auto& [name, family] : families.all["families"].items()) {
        const Tokenizer tokenizer = loaded(families.gguf(family));
        double fastest = 0; // other programs may be at work
        for (int i = 0; i < kTimes; ++i) {
            const std::clock_t start = std::clock();
            CHECK(tokenizer.encode(text, ParseSpecial::Yes).size() < text.size());
            const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
            fastest = std::max(fastest, static_cast<double>(text.size()) / 1e6 / seconds);
        }
        MESSAGE(name << ": " << fastest << " MB/s of processor time");
#if defined(NDEBUG) && !defined(PONDER_SANITIZED)
        CHECK(fastest > 2.5); // half, for a busy machine
#endif
    }
}

TEST_CASE("files that do not name their rule are recognised by their special tokens")
{
    const Families families;
    for (const std::string name : {"llama3", "gpt-oss", "gpt-2"}) {
        for (const bool says : {false, true}) {
            const json& family = families.all["families"][name];
            GgufBytes file = families.gguf(family);
            file.drop("tokenizer.ggml.pre");
            if (says)
                file.putText("tokenizer.ggml.pre", "default");
            const Tokenizer tokenizer = loaded(file);
            CHECK(tokenizer.remark().find(family["pre"].get<std::string>()) != std::string::npos);
            CHECK(tokenizer.remark().ends_with("."));
            expectNone(name, families.wrongLines(tokenizer, family));
        }
    }
}

TEST_CASE("rules have several names")
{
    const Families families;
    const auto encoded = [&](const char* family, const char* pre) {
        GgufBytes file = families.gguf(families.all["families"][family]);
        file.putText("tokenizer.ggml.pre", pre);
        return loaded(file).encode(families.corpus[20], ParseSpecial::Yes);
    };
    for (const char* pre : {"llama3", "llama-v3"})
        CHECK(encoded("llama3", pre) == encoded("llama3", "llama-bpe"));
    CHECK(encoded("deepseek-v3", "deepseek-r1") == encoded("deepseek-v3", "deepseek-v3"));
    CHECK(encoded("qwen3", "qwen2") == encoded("qwen3", "deepseek-r1-qwen"));
}

TEST_CASE("BOS where the file does not say")
{
    const Families families;
    const auto bos = [&](const char* name, std::uint32_t id) {
        GgufBytes file = families.gguf(families.all["families"][name]);
        file.putUint("tokenizer.ggml.bos_token_id", id);
        return loaded(file).addBos();
    };
    CHECK(bos("llama3", 5));
    CHECK(bos("llama-spm", 1));
    CHECK_FALSE(bos("qwen3", 5));
    CHECK_FALSE(bos("deepseek-v3", 5));
}

TEST_CASE("what ends an answer, family by family")
{
    const Families families;
    const auto endings = [&](const char* name) {
        const Tokenizer tokenizer = loaded(families.gguf(families.all["families"][name]));
        std::vector<std::string> texts;
        for (const std::int32_t id : tokenizer.endOfGeneration())
            texts.push_back(tokenizer.tokenText(id));
        return texts;
    };
    using Texts = std::vector<std::string>;
    CHECK(endings("qwen3") == Texts{"<|endoftext|>", "<|im_end|>"});
    CHECK(endings("llama3") == Texts{"<|end_of_text|>", "<|eom_id|>", "<|eot_id|>"});
    // a message's end is not the answer's
    CHECK(endings("gpt-oss") == Texts{"<|endoftext|>", "<|return|>", "<|call|>"});
    CHECK(endings("deepseek-v3") == Texts{"<｜end▁of▁sentence｜>"});
    CHECK(endings("llama-spm") == Texts{"</s>"});
}

TEST_CASE("SentencePiece: a space before the first word, and bytes for what has no token")
{
    const Families families;
    GgufBytes file = families.gguf(families.all["families"]["llama-spm"]);
    const Tokenizer with = loaded(file);
    file.put("tokenizer.ggml.add_space_prefix", 7, std::string(1, '\0'));
    const Tokenizer without = loaded(file);
    CHECK(with.encode("the", ParseSpecial::No) == without.encode(" the", ParseSpecial::No));
    CHECK(with.encode("the", ParseSpecial::No) != without.encode("the", ParseSpecial::No));
    CHECK(without.decode(without.encode(" the", ParseSpecial::No)) == " the");
    CHECK(
        without.encode("\x01\xFF", ParseSpecial::No) == std::vector<std::int32_t>{3 + 1, 3 + 0xFF});
    CHECK(with.encode("<s>", ParseSpecial::Yes) == std::vector<std::int32_t>{1});
    CHECK(with.encode("<0x0A>", ParseSpecial::Yes).size() > 1); // a byte's token is no text
    GgufBytes scoreless = families.gguf(families.all["families"]["llama-spm"]);
    scoreless.drop("tokenizer.ggml.scores");
    CHECK_FALSE(load(scoreless));
}
