#include "engine/text/split_rules.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <ctime>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "tests/engine/small_vocabulary.h"

using namespace ponder;
using namespace ponder::test;
using nlohmann::json;

namespace {

PreTokenizer splitterOf(const std::string& name)
{
    const SplitRule* rule = findSplitRule(name);
    REQUIRE_MESSAGE(rule != nullptr, name);
    auto made = PreTokenizer::create(rule->splits);
    REQUIRE_MESSAGE(made, made.error().context);
    return *made;
}

/// As make_splits.py: FNV-1a over the lengths of the pieces.
std::string digest(std::span<const std::string_view> pieces)
{
    std::uint32_t value = 2166136261U;
    for (const std::string_view piece : pieces)
        value = (value ^ static_cast<std::uint32_t>(piece.size())) * 16777619U;
    constexpr char kDigits[] = "0123456789abcdef";
    const std::uint32_t folded = (value ^ value >> 16U) & 0xFFFFU;
    std::string text;
    for (int shift = 12; shift >= 0; shift -= 4)
        text += kDigits[folded >> static_cast<unsigned>(shift) & 15U];
    return text;
}

} // namespace

TEST_CASE("every name cuts text as the published expressions of its rule do")
{
    const std::vector<std::string> corpus = readJson("tokenizers/corpus.json");
    const json rules = readJson("tokenizers/splits.json");
    REQUIRE(rules.size() >= 12);
    for (const auto& [title, rule] : rules.items()) {
        const std::string digests = rule["digests"];
        for (const std::string name : rule["names"]) {
            CAPTURE(name);
            const PreTokenizer splitter = splitterOf(name);
            PreTokenizer::Workspace workspace;
            int wrong = 0;
            for (std::size_t i = 0; i < corpus.size(); ++i)
                if (digest(splitter.split(corpus[i], workspace)) != digests.substr(i * 4, 4)) {
                    if (++wrong <= 3)
                        MESSAGE(name << " cuts otherwise: " << json(corpus[i]).dump());
                }
            CHECK(wrong == 0);
        }
    }
}

TEST_CASE("names of one rule have its manners, and no name means two")
{
    const auto manners = [](const char* name) {
        const SplitRule* rule = findSplitRule(name);
        REQUIRE(rule != nullptr);
        return std::tuple(rule->compose, rule->ignoreMerges, rule->addBos);
    };
    for (const char* name : {"llama3", "falcon3", "pixtral", "smaug-bpe", "lfm2", "tekken"})
        CHECK(manners(name) == std::tuple(false, true, true));
    for (const char* name : {"glm4", "chatglm-bpe", "llama4", "gigachat", "phi-2", "hunyuan"})
        CHECK(manners(name) == std::tuple(false, false, false));
    CHECK(manners("kimi-k2") == std::tuple(false, true, false));
    CHECK(manners("megrez") == std::tuple(true, false, false));
    CHECK(findSplitRule("no-such-rule") == nullptr);
}

TEST_CASE("Chinese stays apart from other letters under Kimi's rule alone")
{
    PreTokenizer::Workspace workspace;
    const std::string text = "日本Kimi的iPhone12345, don't";
    const auto pieces = [&](const char* name) {
        const auto cut = splitterOf(name).split(text, workspace);
        return std::vector<std::string>(cut.begin(), cut.end());
    };
    CHECK(pieces("kimi-k2")
        == std::vector<std::string>{
            "日本", "Kimi", "的", "i", "Phone", "123", "45", ",", " don't"});
    CHECK(pieces("gpt-4o")
        == std::vector<std::string>{"日本Kimi的i", "Phone", "123", "45", ",", " don't"});
    CHECK(pieces("tekken").back() == "'t");
}

TEST_CASE("long runs cost no square under any rule")
{
    const json rules = readJson("tokenizers/splits.json");
    for (const auto& [title, rule] : rules.items()) {
        const PreTokenizer splitter = splitterOf(rule["names"][0]);
        PreTokenizer::Workspace workspace;
        for (const std::string_view unit :
            {"A", "a", " ", "\n", "7", "世", "\u0301", "'", "(", "Aa"}) {
            std::string text;
            while (text.size() < (1U << 16U))
                text += unit;
            const std::clock_t start = std::clock();
            const auto pieces = splitter.split(text, workspace);
            CAPTURE(title);
            CAPTURE(std::string(unit));
            CHECK(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC < 2);
            std::size_t bytes = 0;
            for (const std::string_view piece : pieces)
                bytes += piece.size();
            CHECK(bytes == text.size());
        }
    }
}

TEST_CASE("a rule that no file names is told by the special tokens")
{
    const auto guess = [](std::vector<std::string_view> tokens, std::size_t size) {
        return guessSplitRule(
            [&](std::string_view token) {
                return std::ranges::find(tokens, token) != tokens.end();
            },
            size);
    };
    CHECK(guess({"<|im_user|>", "<|im_middle|>"}, 163840) == "kimi-k2");
    CHECK(guess({"[gMASK]", "<sop>"}, 151552) == "glm4");
    CHECK(guess({"[INST]", "[/INST]"}, 131072) == "tekken");
    CHECK(guess({"<|header_start|>"}, 202048) == "gpt-4o");
    CHECK(guess({"<|begin_of_text|>"}, 128256) == "llama-bpe");
    CHECK(guess({}, 50257) == "gpt-2");
}
