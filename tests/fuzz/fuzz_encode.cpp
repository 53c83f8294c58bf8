// Any bytes as a text, under every rule: its tokens are the vocabulary's and spell it again, and no special token
// comes of characters that are protected.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/utf8.h"
#include "engine/text/nfc.h"
#include "engine/text/split_rules.h"
#include "engine/text/tokenizer.h"
#include "engine/text/vocabulary.h"

namespace {

using ponder::TokenType;
using ponder::Vocabulary;

constexpr std::string_view kRules[] = {"deepseek-llm", "deepseek-coder", "deepseek-v3", "qwen2",
    "qwen35", "llama-bpe", "gpt-4o", "gpt-2"};
constexpr std::string_view kSpecial[] = {"<s>", "</s>", "<think>", "<｜User｜>"};

void require(bool condition)
{
    if (!condition)
        std::abort();
}

struct Subject {
    std::deque<std::string> texts;
    Vocabulary vocabulary;

    void add(std::string text, TokenType type)
    {
        vocabulary.tokens.push_back(texts.emplace_back(std::move(text)));
        vocabulary.types.push_back(type);
        vocabulary.scores.push_back(-static_cast<float>(vocabulary.tokens.size() * 7 % 31));
    }
    void addSpecial()
    {
        for (const std::string_view special : kSpecial)
            add(std::string(special), TokenType::Control);
    }
    void merge(std::string_view left, std::string_view right)
    {
        vocabulary.merges.emplace_back(texts.emplace_back(left), texts.emplace_back(right));
        add(std::string(left) + std::string(right), TokenType::Normal);
    }
};

/// All bytes in GPT-2's alphabet, and a few merges.
ponder::Tokenizer byteLevel(std::string_view name)
{
    Subject subject;
    char32_t next = 0x100;
    for (char32_t byte = 0; byte < 256; ++byte) {
        const bool itself = (byte > 32 && byte < 127) || (byte > 160 && byte != 173);
        std::string letter;
        ponder::utf8Append(letter, itself ? byte : next++);
        subject.add(letter, TokenType::Normal);
    }
    subject.merge("a", "a");
    subject.merge("aa", "aa");
    subject.merge("Ġ", "a");
    subject.merge("Ġ", "Ġ");
    subject.merge("Ì", "ģ");
    subject.merge("1", "2");
    subject.merge("'", "s");
    subject.addSpecial();
    const ponder::SplitRule* rule = ponder::findSplitRule(name);
    require(rule != nullptr);
    auto splitter = ponder::PreTokenizer::create(rule->splits);
    require(splitter.has_value());
    subject.vocabulary.splitter = *splitter;
    subject.vocabulary.ignoreMerges = rule->ignoreMerges;
    // What is composed does not come back as it was: that is checked by itself below.
    return ponder::Tokenizer::create(subject.vocabulary);
}

ponder::Tokenizer sentencePiece()
{
    Subject subject;
    subject.vocabulary.kind = Vocabulary::Kind::Scores;
    for (int byte = 0; byte < 256; ++byte) {
        constexpr std::string_view kDigits = "0123456789ABCDEF";
        const auto high = static_cast<std::size_t>(byte / 16);
        const auto low = static_cast<std::size_t>(byte % 16);
        subject.add(std::string("<0x") + kDigits[high] + kDigits[low] + ">", TokenType::Byte);
    }
    for (const char* token : {"a", "b", "▁", "é", "aa", "aaaa", "▁a", "▁▁", "ab", "ba", "▁▁▁▁"})
        subject.add(token, TokenType::Normal);
    subject.addSpecial();
    return ponder::Tokenizer::create(subject.vocabulary);
}

std::vector<ponder::Tokenizer> makeSubjects()
{
    std::vector<ponder::Tokenizer> made;
    for (const std::string_view rule : kRules)
        made.push_back(byteLevel(rule));
    made.push_back(sentencePiece());
    return made;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const std::vector<ponder::Tokenizer> subjects = makeSubjects();
    if (size == 0)
        return 0;
    const ponder::Tokenizer& tokenizer = subjects[data[0] % subjects.size()];
    const bool spaces = data[0] % subjects.size() == subjects.size() - 1;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (spaces && text.find("▁") != std::string_view::npos) // to SentencePiece this is a space
        return 0;
    for (const auto parse : {ponder::ParseSpecial::No, ponder::ParseSpecial::Yes}) {
        const auto ids = tokenizer.encode(text, parse);
        for (const std::int32_t id : ids)
            require(id >= 0 && id < tokenizer.vocabSize());
        require(tokenizer.decode(ids) == text);
    }
    std::vector<std::size_t> literals(text.size());
    std::iota(literals.begin(), literals.end(), std::size_t{0});
    require(tokenizer.encode(text, ponder::ParseSpecial::Yes, literals)
        == tokenizer.encode(text, ponder::ParseSpecial::No));
    const std::string composed = ponder::composed(text);
    require(ponder::composed(composed) == composed);
    require(ponder::mayCompose(text) || composed == text);
    return 0;
}
