#include "engine/text/control_tokens.h"

#include <doctest/doctest.h>

#include "engine/text/tokenizer.h"
#include "tests/engine/contains.h"
#include "tests/engine/special_vocabulary.h"

using namespace ponder;
using namespace ponder::test;

namespace {

const std::vector<std::string> kChatMl{
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"};

Tokenizer loaded(const GgufBytes& built)
{
    auto tokenizer = load(built);
    REQUIRE_MESSAGE(tokenizer, tokenizer.error().message);
    return *tokenizer;
}

} // namespace

TEST_CASE("special tokens that a file stores as ordinary ones are special all the same")
{
    const std::string prompt = "<|im_start|>user\nHi<|im_end|>\n<think>";
    const Tokenizer right = loaded(vocabularyWith(kChatMl));
    CHECK(right.remark().empty());
    const auto wanted = right.encode(prompt, ParseSpecial::Yes);
    for (const std::int32_t type : {1, 0, 5, 6}) { // ordinary, unsaid, unused, a byte
        CAPTURE(type);
        const Tokenizer tokenizer = loaded(vocabularyWith(kChatMl, type));
        CHECK(tokenizer.encode(prompt, ParseSpecial::Yes) == wanted);
        CHECK(tokenizer.encode(prompt, ParseSpecial::No).size() > wanted.size());
        for (const std::string& token : kChatMl) {
            CHECK(tokenizer.find(token) >= 0);
            CHECK(tokenizer.isSpecial(tokenizer.find(token)));
        }
        CHECK(tokenizer.isEndOfGeneration(tokenizer.find("<|im_end|>")));
        CHECK_FALSE(tokenizer.isEndOfGeneration(tokenizer.find("<|im_start|>")));
        CHECK(contains(tokenizer.remark(), "<|endoftext|>, <|im_start|>, <|im_end|> and 2 more"));
        CHECK(contains(tokenizer.remark(), type == 0 ? "does not say which" : "as ordinary text"));
        CHECK(tokenizer.remark().ends_with("."));
        CHECK(tokenizer.specialEdges() == right.specialEdges());
    }
}

TEST_CASE("every publisher's manner of writing control tokens is known")
{
    for (const std::string token : {"<|eot_id|>", "<|start_header_id|>", "<｜User｜>",
             "<｜end▁of▁sentence｜>", "<start_of_turn>", "<end_of_turn>", "</s>", "<s>", "[INST]",
             "[/INST]", "[gMASK]", "<sop>", "<|END_OF_TURN_TOKEN|>", "[|endofturn|]", "<seed:eos>",
             "<|return|>", "[THINK]", "<unk>"}) {
        CAPTURE(token);
        const Tokenizer tokenizer = loaded(vocabularyWith({token}, 1));
        CHECK(tokenizer.isSpecial(tokenizer.find(token)));
        CHECK(contains(tokenizer.remark(), token));
    }
}

TEST_CASE("text that only looks like a tag stays text")
{
    // Ordinary words of code and of HTML, and a tag that the merges make.
    GgufBytes file
        = vocabularyWith({"<div>", "[i]", "<|", "<a b>", "List<int>", "<|has space|>"}, 1);
    const Tokenizer tokenizer = loaded(file);
    CHECK(tokenizer.remark().empty());
    for (const char* token : {"<div>", "[i]", "<|", "<a b>", "List<int>", "<|has space|>"})
        CHECK(tokenizer.find(token) < 0);

    file = vocabularyWith({"<s", "<s>"}, 1);
    auto merges = readJson("tokenizers/vocabulary.json")["merges"].get<std::vector<std::string>>();
    merges.push_back("< s");
    merges.push_back("<s >");
    file.put("tokenizer.ggml.merges", 9, textArray(merges));
    CHECK(loaded(file).find("<s>") < 0);
    CHECK(loaded(file).remark().empty());
}

TEST_CASE("what the template or the file's ids name is special too")
{
    GgufBytes file = vocabularyWith({"<turn>", "<stop>", "<div>"}, 1);
    const auto plain = loaded(file);
    CHECK(plain.find("<turn>") < 0);
    file.putText("tokenizer.chat_template", "{{ '<turn>' + messages[0].content }}");
    file.putUint("tokenizer.ggml.eos_token_id", static_cast<std::uint32_t>(plain.vocabSize() - 2));
    const Tokenizer tokenizer = loaded(file);
    CHECK(tokenizer.find("<turn>") >= 0);
    CHECK(tokenizer.isSpecial(tokenizer.eos()));
    CHECK(tokenizer.isEndOfGeneration(tokenizer.find("<stop>")));
    CHECK(tokenizer.find("<div>") < 0);
}

TEST_CASE("what a file calls unused is no tag for its template's words alone")
{
    GgufBytes file = vocabularyWith({"<turn>", "<|turn|>"}, 5);
    file.putText("tokenizer.chat_template", "{{ '<turn>' + messages[0].content }}");
    CHECK(loaded(file).find("<turn>") < 0);
    CHECK(loaded(file).find("<|turn|>") >= 0);
}

TEST_CASE("a SentencePiece vocabulary without types, or with one for all, still has its bytes")
{
    for (const bool hasTypes : {false, true}) {
        CAPTURE(hasTypes);
        std::vector<std::string> tokens{"<unk>", "<s>", "</s>"};
        for (int byte = 0; byte < 256; ++byte) {
            constexpr char kDigits[] = "0123456789ABCDEF";
            tokens.push_back(std::string("<0x") + kDigits[byte / 16] + kDigits[byte % 16] + '>');
        }
        for (const char* token : {"▁", "a", "▁a"})
            tokens.emplace_back(token);
        GgufBytes file;
        file.putText("tokenizer.ggml.model", "llama");
        file.put("tokenizer.ggml.tokens", 9, textArray(tokens));
        std::string scores
            = GgufBytes::raw<std::uint32_t>(6) + GgufBytes::raw<std::uint64_t>(tokens.size());
        for (std::size_t i = 0; i < tokens.size(); ++i)
            scores += GgufBytes::raw(-static_cast<float>(i));
        file.put("tokenizer.ggml.scores", 9, scores);
        if (hasTypes)
            file.put("tokenizer.ggml.token_type", 9,
                intArray(std::vector<std::int32_t>(tokens.size(), 1)));
        file.putUint("tokenizer.ggml.unknown_token_id", 0);
        file.putUint("tokenizer.ggml.bos_token_id", 1);
        file.putUint("tokenizer.ggml.eos_token_id", 2);
        const Tokenizer tokenizer = loaded(file);
        CHECK(tokenizer.decode(tokenizer.encode("a\n7é", ParseSpecial::No)) == "a\n7é");
        CHECK(tokenizer.isSpecial(1));
        CHECK(tokenizer.isEndOfGeneration(2));
        CHECK(contains(tokenizer.remark(), "<s>"));
    }
}

TEST_CASE("what a file calls unused and reserved is not taken for a special token")
{
    const Tokenizer tokenizer
        = loaded(vocabularyWith({"<|reserved_special_token_7|>", "<|unused_1|>"}, 5));
    CHECK(tokenizer.remark().empty());
    CHECK(tokenizer.find("<|reserved_special_token_7|>") == -1);
}
