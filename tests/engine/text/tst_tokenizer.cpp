#include "engine/text/tokenizer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iterator>
#include <numeric>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/engine/shared_folder.h"
#include "tests/engine/small_vocabulary.h"

using namespace ponder;
using namespace ponder::test;

namespace {

using Ids = std::vector<std::int32_t>;

Tokenizer loaded(const GgufBytes& built)
{
    auto tokenizer = load(built);
    REQUIRE_MESSAGE(tokenizer, tokenizer.error().message);
    return *tokenizer;
}

Tokenizer small(const std::string& pre = "deepseek-v3")
{
    return loaded(smallVocabulary(pre));
}

Error failureOf(const GgufBytes& built)
{
    const auto tokenizer = load(built);
    REQUIRE_FALSE(tokenizer);
    CHECK(tokenizer.error().message.ends_with("."));
    return tokenizer.error();
}

std::string readFile(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

double processorSeconds(std::clock_t since)
{
    return static_cast<double>(std::clock() - since) / CLOCKS_PER_SEC;
}

} // namespace

TEST_CASE("tokens as Hugging Face's tokenizers give them, under each rule")
{
    const auto vectors = readJson("tokenizers/vectors.json");
    REQUIRE(vectors.size() > 400);
    for (const std::string rule : {"deepseek-llm", "deepseek-coder", "deepseek-v3"}) {
        const Tokenizer tokenizer = small(rule);
        for (const auto& vector : vectors) {
            if (vector[0] != rule)
                continue;
            const std::string text = vector[1];
            CAPTURE(rule);
            CAPTURE(text);
            CHECK(tokenizer.encode(text, ParseSpecial::No) == vector[2].get<Ids>());
            CHECK(tokenizer.encode(text, ParseSpecial::Yes) == vector[3].get<Ids>());
            CHECK(tokenizer.decode(vector[2].get<Ids>()) == text);
        }
    }
}

TEST_CASE("published vocabularies give the published vectors")
{
    const auto folder = sharedFolder("tokenizers");
    if (folder.empty()) {
        MESSAGE("skipped: there is no ../shared/tokenizers (set PONDER_SHARED to the folder that "
                "has it)");
        return;
    }
    const std::string separator = "\n__ggml_vocab_test__\n";
    for (const std::string name : {"deepseek-llm", "deepseek-coder", "deepseek-v3"}) {
        const auto file = ModelFile::open(folder / (name + ".gguf"));
        REQUIRE_MESSAGE(file, file.error().message);
        const auto tokenizer = Tokenizer::fromModelFile(*file);
        REQUIRE_MESSAGE(tokenizer, tokenizer.error().message);
        const std::string texts = readFile(folder / (name + ".inp"));
        std::istringstream lines(readFile(folder / (name + ".out")));
        std::string line;
        int compared = 0;
        for (std::size_t at = 0; at < texts.size() && std::getline(lines, line); ++compared) {
            const std::size_t end = std::min(texts.find(separator, at), texts.size());
            const std::string text = texts.substr(at, end - at);
            at = end + separator.size();
            std::istringstream numbers(line);
            const Ids wanted{std::istream_iterator<std::int32_t>(numbers), {}};
            CAPTURE(name);
            CAPTURE(text);
            CHECK(tokenizer->encode(text, ParseSpecial::No) == wanted);
            CHECK(tokenizer->decode(wanted) == text);
        }
        CHECK(compared >= 46);
    }
}

TEST_CASE("special tokens are parsed only where asked, and never over protected characters")
{
    const Tokenizer tokenizer = small();
    const std::int32_t user = tokenizer.find("<｜User｜>");
    const std::int32_t think = tokenizer.find("<think>");
    REQUIRE(user >= 0);
    CHECK(tokenizer.isSpecial(user));
    CHECK(tokenizer.isSpecial(think)); // user-defined in the file, but markup
    CHECK_FALSE(tokenizer.isSpecial(tokenizer.find("ü")));
    CHECK_FALSE(tokenizer.isSpecial(-1));
    CHECK_FALSE(tokenizer.isSpecial(1 << 20));

    const std::string text = "<｜User｜><think><｜User｜>";
    CHECK(tokenizer.encode(text, ParseSpecial::Yes) == Ids{user, think, user});
    const Ids plain = tokenizer.encode(text, ParseSpecial::No);
    CHECK(
        std::none_of(plain.begin(), plain.end(), [&](auto id) { return tokenizer.isSpecial(id); }));
    CHECK(tokenizer.decode(plain) == text);

    for (std::size_t literal = 0; literal < text.size();
        ++literal) { // one character kept is one token kept
        const std::vector<std::size_t> literals{literal};
        const Ids ids = tokenizer.encode(text, ParseSpecial::Yes, literals);
        CHECK(std::count_if(ids.begin(), ids.end(), [&](auto id) {
            return tokenizer.isSpecial(id);
        }) == 2);
        CHECK(tokenizer.decode(ids) == text);
    }
    std::vector<std::size_t> all(text.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    CHECK(tokenizer.encode(text, ParseSpecial::Yes, all) == plain);
}

TEST_CASE("what the model adds and where it ends")
{
    const Tokenizer tokenizer = small();
    CHECK(tokenizer.bos() == 0);
    CHECK(tokenizer.eos() == 1);
    CHECK(tokenizer.addBos());
    CHECK(tokenizer.isEndOfGeneration(1));
    CHECK_FALSE(tokenizer.isEndOfGeneration(0));
    CHECK_FALSE(tokenizer.isEndOfGeneration(-1));
    CHECK(tokenizer.specialEdges() == U"<>");

    GgufBytes other = smallVocabulary("deepseek-v3");
    other.putUint("tokenizer.ggml.eos_token_id", 5);
    other.putUint("tokenizer.ggml.eot_token_id", 2);
    other.putUint("tokenizer.ggml.bos_token_id", 4000000000u);
    const Tokenizer tokens = loaded(other);
    CHECK(std::vector(tokens.endOfGeneration().begin(), tokens.endOfGeneration().end())
        == Ids{1, 2, 5}); // 1 by its name
    CHECK(tokens.bos() == -1);
    CHECK_FALSE(tokens.addBos());
}

TEST_CASE("any bytes come back")
{
    const Tokenizer tokenizer = small();
    std::string bytes;
    std::uint32_t state = 3;
    for (int i = 0; i < 400; ++i) {
        bytes.clear();
        for (int j = 0; j < 40; ++j) {
            state = state * 1664525u + 1013904223u;
            bytes += static_cast<char>(state >> 24 == 0xFC ? 0xFD : state >> 24);
        }
        CHECK(tokenizer.decode(tokenizer.encode(bytes, ParseSpecial::Yes)) == bytes);
    }
    CHECK(tokenizer.decode(tokenizer.encode("\xC3", ParseSpecial::No)) == "\xC3");
    CHECK(tokenizer.decode(
              tokenizer.encode("ab\xED\xA0\x80\xF4\x90\x80\x80\xC0\x80", ParseSpecial::No))
        == "ab\xED\xA0\x80\xF4\x90\x80\x80\xC0\x80");
    CHECK(tokenizer.decode(Ids{-1, 1 << 30}).empty());
    CHECK(tokenizer.decode(tokenizer.encode("a\xFC", ParseSpecial::No))
        == "a\uFFFD"); // this vocabulary has no such byte
}

TEST_CASE("a stream gives whole characters")
{
    const Tokenizer tokenizer = small();
    StreamDecoder stream(tokenizer);
    const std::string text = "a🦙é世\xF0\x9F";
    std::string joined;
    for (const std::int32_t id : tokenizer.encode(text, ParseSpecial::No)) {
        const std::string part = stream.push(id);
        CHECK(utf8Repaired(part) == part);
        joined += part;
    }
    CHECK(joined == "a🦙é世");
    CHECK(stream.finish() == "\uFFFD");
    CHECK(stream.finish().empty());
    CHECK(tokenizer.tokenText(tokenizer.encode("\xF0", ParseSpecial::No).front()) == "\uFFFD");
}

TEST_CASE("hostile texts cost no more than n log n")
{
    for (const char* rule : {"deepseek-llm", "deepseek-coder", "deepseek-v3"}) {
        const Tokenizer tokenizer = small(rule);
        std::string mixed;
        for (int i = 0; mixed.size() < (1u << 17); ++i)
            mixed += std::string(static_cast<std::size_t>(i % 7), ' ') + (i % 3 ? "\xFF" : "\n");
        const std::size_t whole = std::string_view(rule) == "deepseek-v3" ? 1 << 20 : 1 << 17;
        const std::size_t part = 1 << 17;
        for (const std::string& text : {std::string(whole, 'a'), std::string(whole, ' ') + "x",
                 std::string(part, ' '), std::string(part, '\n'), std::string(part, '\x80'),
                 std::string(part, '7'), std::string(part, '<'), mixed}) {
            CAPTURE(rule);
            CAPTURE(text.substr(0, 8));
            const std::clock_t start = std::clock();
            const Ids ids = tokenizer.encode(text, ParseSpecial::Yes);
            CHECK(processorSeconds(start)
                < 20); // half a second where the machine is quick, a day if it were a square
            CHECK(tokenizer.decode(ids) == text);
        }
    }
}

TEST_CASE("ordinary text goes at 5 MB/s and more")
{
    const Tokenizer tokenizer = small();
    std::string text;
    for (const auto& vector : readJson("tokenizers/vectors.json"))
        text += vector[1].get<std::string>() + "\n";
    const std::string once = text;
    while (text.size() < (4u << 20))
        text += once;
    const std::clock_t start = std::clock();
    const Ids ids = tokenizer.encode(text, ParseSpecial::Yes);
    const double speed = static_cast<double>(text.size()) / 1e6 / processorSeconds(start);
    MESSAGE(speed << " MB/s of processor time");
    CHECK(ids.size() < text.size());
#if defined(NDEBUG) && !defined(PONDER_SANITIZED)
    CHECK(speed > 2); // half, for a busy machine
#endif
}

TEST_CASE("tokenizers that are not known are named")
{
    GgufBytes unigram = smallVocabulary("deepseek-v3");
    unigram.putText("tokenizer.ggml.model", "t5");
    const Error kind = failureOf(unigram);
    CHECK(kind.code == ErrorCode::UnsupportedTokenizer);
    CHECK(kind.message.find("\"t5\"") != std::string::npos);
    CHECK(kind.message.find("deepseek-v3") != std::string::npos);

    const Error rule = failureOf(smallVocabulary("superbpe"));
    CHECK(rule.code == ErrorCode::UnsupportedTokenizer);
    CHECK(rule.message.find("\"superbpe\"") != std::string::npos);
    CHECK(rule.message.find("deepseek-llm, deepseek-coder, deepseek-v3, qwen2, stablelm2, qwen35, "
                            "llama-bpe, glm4, gpt-4o, "
                            "tekken, kimi-k2, ")
        != std::string::npos);
}

TEST_CASE("damaged tokenizers are refused with a sentence")
{
    for (const char* key :
        {"tokenizer.ggml.model", "tokenizer.ggml.tokens", "tokenizer.ggml.merges"}) {
        GgufBytes missing = smallVocabulary("deepseek-v3");
        missing.drop(key);
        CHECK(failureOf(missing).code == ErrorCode::FileCorrupt);
        CHECK(failureOf(missing).context == key);
    }
    for (const std::string merge : {"", "ab", "a ", " a", "a"}) {
        GgufBytes wrong = smallVocabulary("deepseek-v3");
        wrong.put("tokenizer.ggml.merges", 9, textArray({"a b", merge}));
        CHECK(failureOf(wrong).code == ErrorCode::FileCorrupt);
    }
    GgufBytes fewTypes = smallVocabulary("deepseek-v3");
    fewTypes.put("tokenizer.ggml.token_type", 9, intArray({1, 1}));
    CHECK(failureOf(fewTypes).code == ErrorCode::FileCorrupt);
}

TEST_CASE("odd vocabularies do no harm")
{
    GgufBytes odd = smallVocabulary("deepseek-v3");
    // empty and equal tokens, bytes that are missing, merges of what is no token, an endless special token
    odd.put("tokenizer.ggml.tokens", 9,
        textArray({"", "a", "a", "b", std::string(100000, '<'), "\xFF\xFE", "<>", "ï", "¿", "½"}));
    odd.put("tokenizer.ggml.token_type", 9, intArray({3, 1, 1, 1, 3, 1, 4, 1, 1, 1}));
    odd.put("tokenizer.ggml.merges", 9, textArray({"a b", "ab ab", "x y"}));
    const Tokenizer tokenizer = loaded(odd);
    CHECK(tokenizer.decode(tokenizer.encode("abab<>ab", ParseSpecial::Yes)) == "abab<>ab");
    CHECK(tokenizer.decode(tokenizer.encode("axb", ParseSpecial::Yes))
        == "a\uFFFDb"); // no token for x
    CHECK(tokenizer.encode(std::string(200000, '<'), ParseSpecial::Yes).size() >= 200000);
}

TEST_CASE("threads share a tokenizer")
{
    const Tokenizer tokenizer = small();
    const std::string text = "def add(a, b):\n    return a + b <think>\n";
    const Ids wanted = tokenizer.encode(text, ParseSpecial::Yes);
    std::vector<int> wrong(4);
    {
        std::vector<std::jthread> threads;
        for (int& count : wrong)
            threads.emplace_back([&] {
                for (int i = 0; i < 200; ++i)
                    count += tokenizer.encode(text, ParseSpecial::Yes) != wanted;
            });
    }
    CHECK(wrong == std::vector<int>(4));
}
