#include "engine/text/split_rules.h"

#include <algorithm>
#include <iterator>

namespace ponder {

namespace {

// The cased letters that deepseek-llm's tokenizer.json lists, written as numbers: some of them look alike.
#define PONDER_CASED_LETTERS                                                                       \
    R"(A-Za-z\x{B5}\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{1BA}\x{1BC}-\x{1BF}\x{1C4}-\x{293})"        \
    R"(\x{295}-\x{2AF}\x{370}-\x{373}\x{376}\x{377}\x{37B}-\x{37D}\x{37F}\x{386})"                 \
    R"(\x{388}-\x{38A}\x{38C}\x{38E}-\x{3A1}\x{3A3}-\x{3F5}\x{3F7}-\x{481}\x{48A}-\x{52F})"        \
    R"(\x{531}-\x{556}\x{10A0}-\x{10C5}\x{13A0}-\x{13F5}\x{13F8}-\x{13FD}\x{1C90}-\x{1CBA})"       \
    R"(\x{1CBD}-\x{1CBF}\x{1D00}-\x{1D2B}\x{1D6B}-\x{1D77}\x{1D79}-\x{1D9A}\x{1E00}-\x{1F15})"     \
    R"(\x{1F18}-\x{1F1D}\x{1F20}-\x{1F45}\x{1F48}-\x{1F4D}\x{1F50}-\x{1F57}\x{1F59}\x{1F5B})"      \
    R"(\x{1F5D}\x{1F5F}-\x{1F7D}\x{1F80}-\x{1FB4}\x{1FB6}-\x{1FBC}\x{1FBE}\x{1FC2}-\x{1FC4})"      \
    R"(\x{1FC6}-\x{1FCC}\x{1FD0}-\x{1FD3}\x{1FD6}-\x{1FDB}\x{1FE0}-\x{1FEC}\x{1FF2}-\x{1FF4})"     \
    R"(\x{1FF6}-\x{1FFC}\x{2102}\x{2107}\x{210A}-\x{2113}\x{2115}\x{2119}-\x{211D}\x{2124})"       \
    R"(\x{2126}\x{2128}\x{212A}-\x{212D}\x{212F}-\x{2134}\x{2139}\x{213C}-\x{213F})"               \
    R"(\x{2145}-\x{2149}\x{214E}\x{2183}\x{2184}\x{2C00}-\x{2C7B}\x{2C7E}-\x{2CE4})"               \
    R"(\x{2CEB}-\x{2CEE}\x{2CF2}\x{2CF3}\x{A640}-\x{A66D}\x{A680}-\x{A69B}\x{A722}-\x{A76F})"      \
    R"(\x{A771}-\x{A787}\x{A78B}-\x{A78E}\x{AB70}-\x{ABBF}\x{FB00}-\x{FB06}\x{FB13}-\x{FB17})"     \
    R"(\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}\x{10400}-\x{1044F}\x{104B0}-\x{104D3})"                  \
    R"(\x{104D8}-\x{104FB}\x{10C80}-\x{10CB2}\x{10CC0}-\x{10CF2}\x{118A0}-\x{118DF})"              \
    R"(\x{1E900}-\x{1E943})"

// English endings that several publishers split off.
#define PONDER_ENDINGS "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
// Line ends with the space before them; space before a word, but for its last; other space.
#define PONDER_SPACE_RUNS R"(|\s*[\r\n]+|\s+(?!\S)|\s+)"
// Letters of o200k: those that may begin a word, and those that may go on.
#define PONDER_UPPER R"([\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}])"
#define PONDER_LOWER R"([\p{Ll}\p{Lm}\p{Lo}\p{M}])"

constexpr const char* kGpt2
    = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

// Chinese, and all between: [一-龥ࠀ-一가-퟿].
constexpr const char* kEastAsian = R"([\x{800}-\x{9FA5}\x{AC00}-\x{D7FF}]+)";

// Falcon's punctuation, before words.
constexpr const char* kFalconMarks = R"([\p{P}$+<=>^~|`]+)";
// What BLOOM and its kin take for a word.
constexpr const char* kBloomWords = R"( ?[^(\s|.,!?…。，、।۔،)]+)";
// Letters of Kimi's rule, which keeps Chinese characters to themselves: those of the script, not those used with it.
#define PONDER_NOT_HAN R"((?!\p{sc:Han}))"

// What Llama 3 began: endings, words, numbers of up to three digits.
#define PONDER_LLAMA3                                                                              \
    PONDER_ENDINGS                                                                                 \
    R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*)" PONDER_SPACE_RUNS
// The same with every digit alone, as Qwen 2 has it.
#define PONDER_QWEN2                                                                               \
    PONDER_ENDINGS R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*)" PONDER_SPACE_RUNS

// From the publishers' tokenizer.json and tokenizer files (pre_tokenizer: a sequence of isolating splits). Many names that
// GGUF files use mean one rule.
const SplitRule kRules[] = {
    {.names = {"deepseek-llm"},
        .splits = {{R"([\r\n])"}, {R"(\s?[)" PONDER_CASED_LETTERS R"(]+)"},
            {R"(\s?[!-/:-~\x{FF01}-\x{FF0F}\x{FF1A}-\x{FF5E}\x{2018}-\x{201F}\x{3000}-\x{3002}]+)"},
            {R"(\s+$)"}, {kEastAsian}, {R"(\p{N}+)"}}},
    {.names = {"deepseek-coder"},
        .splits = {{R"([\r\n])"}, {R"(\s?\p{L}+)"}, {R"(\s?\p{P}+)"}, {kEastAsian}, {R"(\p{N})"}}},
    {.names = {"deepseek-v3", "deepseek-r1", "deepseek-v3.1", "hunyuan-dense", "joyai-llm"},
        .splits = {{R"(\p{N}{1,3})"}, {R"([\x{4E00}-\x{9FA5}\x{3040}-\x{309F}\x{30A0}-\x{30FF}]+)"},
            {R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+)"
             R"(|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+)"
             R"(| ?[\p{P}\p{S}]+[\r\n]*)" PONDER_SPACE_RUNS}}},
    {.names = {"qwen2", "qwen3", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez"},
        .splits = {{PONDER_QWEN2}},
        .compose = true},
    {.names = {"stablelm2", "hunyuan", "solar-open", "grok-2"}, .splits = {{PONDER_QWEN2}}},
    {.names = {"qwen35"},
        .splits = {{PONDER_ENDINGS
            R"(|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*)" PONDER_SPACE_RUNS}},
        .compose = true},
    {.names = {"llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0",
         "lfm2", "smaug-bpe"},
        .splits = {{PONDER_LLAMA3}},
        .ignoreMerges = true,
        .addBos = true},
    {.names = {"glm4", "chatglm-bpe", "chatglm4", "dbrx"}, .splits = {{PONDER_LLAMA3}}},
    {.names = {"gpt-4o", "gpt-oss", "o200k", "llama4", "kanana2", "minimax-m2", "talkie"},
        .splits = {{R"([^\r\n\p{L}\p{N}]?)" PONDER_UPPER "*" PONDER_LOWER "+" PONDER_ENDINGS "?"
                    R"(|[^\r\n\p{L}\p{N}]?)" PONDER_UPPER "+" PONDER_LOWER "*" PONDER_ENDINGS "?"
                    R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*)" PONDER_SPACE_RUNS}}},
    {.names = {"tekken"},
        .splits = {{R"([^\r\n\p{L}\p{N}]?)" PONDER_UPPER "*" PONDER_LOWER "+"
                    R"(|[^\r\n\p{L}\p{N}]?)" PONDER_UPPER "+" PONDER_LOWER "*"
                    R"(|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*)" PONDER_SPACE_RUNS}},
        .ignoreMerges = true,
        .addBos = true},
    {.names = {"kimi-k2"},
        .splits = {{R"(\p{sc:Han}+|[^\r\n\p{L}\p{N}]?(?:)" PONDER_NOT_HAN PONDER_UPPER
                    ")*(?:" PONDER_NOT_HAN PONDER_LOWER ")+" PONDER_ENDINGS "?"
                    R"(|[^\r\n\p{L}\p{N}]?(?:)" PONDER_NOT_HAN PONDER_UPPER
                    ")+(?:" PONDER_NOT_HAN PONDER_LOWER ")*" PONDER_ENDINGS "?"
                    R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*)" PONDER_SPACE_RUNS}},
        .ignoreMerges = true},
    {.names = {"seed-coder"},
        .splits = {{PONDER_ENDINGS
            R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}\r\n]+)" PONDER_SPACE_RUNS}}},
    {.names = {"bailingmoe", "bailingmoe2", "llada-moe"},
        .splits
        = {{R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*)"
            R"(|\s*[\r\n]|\s+(?!\S)|\s+)"}}},
    {.names = {"falcon"}, .splits = {{kFalconMarks}, {kGpt2}, {"[0-9][0-9][0-9]"}}},
    {.names = {"starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b",
         "mellum2"},
        .splits = {{R"(\p{N})"}, {kGpt2}}},
    {.names = {"bloom", "poro-chat", "gpt3-finnish"}, .splits = {{kBloomWords}}},
    {.names = {"viking"}, .splits = {{kBloomWords}, {R"(\p{N})"}}},
    {.names = {"gpt-2", "phi-2", "gigachat", "mpt", "olmo", "jais", "trillion", "granite-docling",
         "exaone4", "a.x-4.0", "mellum", "modern-bert", "jina-es", "jina-de", "jina-v2-es",
         "jina-v2-de", "jina-v1-en", "jina-v2-code", "roberta-bpe"},
        .splits = {{kGpt2}}},
};

} // namespace

const SplitRule* findSplitRule(std::string_view name)
{
    const auto* rule = std::find_if(std::begin(kRules), std::end(kRules),
        [&](const SplitRule& r) { return std::ranges::find(r.names, name) != r.names.end(); });
    return rule != std::end(kRules) ? rule : nullptr;
}

std::string_view guessSplitRule(const std::function<bool(std::string_view)>& has, std::size_t size)
{
    if ((has("<|channel|>") && has("<|message|>")) || has("<|header_start|>"))
        return "gpt-4o";
    if (has("<|im_middle|>") && has("<|im_user|>"))
        return "kimi-k2";
    if (has("[gMASK]") && has("<sop>"))
        return "glm4";
    if (has("[INST]") && has("[/INST]") && size > 100000)
        return "tekken";
    if (has("<|START_OF_TURN_TOKEN|>"))
        return "command-r";
    if (has("<|begin_of_text|>") || has("<|eot_id|>"))
        return "llama-bpe";
    if (has("<|im_start|>") && has("<|im_end|>") && size > 151000)
        return "qwen2";
    if (has("<｜begin▁of▁sentence｜>")) {
        if (size < 64000)
            return "deepseek-coder";
        if (size > 151000)
            return "qwen2"; // R1-Distill-Qwen
        return size > 120000 ? "deepseek-v3" : "deepseek-llm";
    }
    return "gpt-2";
}

std::string splitRuleNames()
{
    std::string names;
    for (const SplitRule& rule : kRules)
        names += (names.empty() ? "" : ", ") + std::string(rule.names.front());
    return names;
}

std::string_view byteLevelPattern()
{
    return kGpt2;
}

} // namespace ponder
