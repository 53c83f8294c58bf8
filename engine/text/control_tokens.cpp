#include "engine/text/control_tokens.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <vector>

#include "engine/base/utf8.h"

namespace ponder {

namespace {

constexpr std::size_t kLongestToken = 64; // bytes: no publisher's control token is longer
constexpr std::size_t kNamed = 3;

struct Brackets {
    std::string_view open;
    std::string_view close;
};
constexpr Brackets kBrackets[] = {{"<|", "|>"}, {"<｜", "｜>"}, {"[|", "|]"}};

// Control tokens that publishers write without bars.
constexpr std::string_view kKnown[] = {
    "<s>",
    "</s>",
    "<unk>",
    "<pad>",
    "<bos>",
    "<eos>",
    "<mask>",
    "<think>",
    "</think>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<start_of_image>",
    "<end_of_image>",
    "<sop>",
    "<eop>",
    "[gMASK]",
    "[MASK]",
    "[sMASK]",
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[INST]",
    "[/INST]",
    "[SYSTEM_PROMPT]",
    "[/SYSTEM_PROMPT]",
    "[THINK]",
    "[/THINK]",
    "[AVAILABLE_TOOLS]",
    "[/AVAILABLE_TOOLS]",
    "[TOOL_CALLS]",
    "[TOOL_RESULTS]",
    "[/TOOL_RESULTS]",
    "[PREFIX]",
    "[MIDDLE]",
    "[SUFFIX]",
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
    "<seed:bos>",
    "<seed:eos>",
    "<seed:think>",
    "</seed:think>",
    "<fim_prefix>",
    "<fim_middle>",
    "<fim_suffix>",
};

bool hasSpace(std::string_view token)
{
    return token.find_first_of(" \t\r\n") != std::string_view::npos
        || token.find("Ġ") != std::string_view::npos; // GPT-2's space
}

bool looksLikeControl(std::string_view token)
{
    for (const auto& [open, close] : kBrackets)
        if (token.size() > open.size() + close.size() && token.starts_with(open)
            && token.ends_with(close) && !hasSpace(token))
            return true;
    return std::ranges::find(kKnown, token) != std::end(kKnown);
}

bool isByte(std::string_view token) // "<0x0A>"
{
    constexpr std::string_view kDigits = "0123456789ABCDEFabcdef";
    return token.size() == 6 && token.starts_with("<0x") && token.back() == '>'
        && token.substr(3, 2).find_first_not_of(kDigits) == std::string_view::npos;
}

/// Of a token that a file calls unused: whether its name agrees ("<|reserved_special_token_7|>").
bool isSpare(std::string_view token)
{
    return token.find("reserved") != std::string_view::npos
        || token.find("unused") != std::string_view::npos;
}

bool isNamed(const Vocabulary& vocabulary, std::int32_t id)
{
    return id == vocabulary.bos || id == vocabulary.eos || id == vocabulary.unknown
        || std::ranges::find(vocabulary.endings, id) != vocabulary.endings.end();
}

/// Of the texts, those that two other tokens make: what merging by scores can come to.
std::unordered_set<std::string> composed(
    const Vocabulary& vocabulary, const std::unordered_set<std::string_view>& texts)
{
    const std::unordered_set<std::string_view> all(
        vocabulary.tokens.begin(), vocabulary.tokens.end());
    std::unordered_set<std::string> made;
    for (const std::string_view text : texts)
        for (std::size_t i = 1; i < text.size(); ++i)
            if (all.contains(text.substr(0, i)) && all.contains(text.substr(i)))
                made.emplace(text);
    return made;
}

/// Of the texts, those that the merges make of others.
std::unordered_set<std::string> merged(
    const Vocabulary& vocabulary, const std::unordered_set<std::string_view>& texts)
{
    std::unordered_set<std::string> made;
    for (const auto& [left, right] : vocabulary.merges) {
        if (left.size() + right.size() > kLongestToken
            || (left.front() != '<' && left.front() != '['))
            continue;
        std::string text = std::string(left) + std::string(right);
        if (texts.contains(text))
            made.insert(std::move(text));
    }
    return made;
}

std::string sentence(const std::vector<std::string_view>& found, bool hasTypes)
{
    std::string names;
    for (std::size_t i = 0; i < std::min(found.size(), kNamed); ++i)
        names += (i == 0 ? "" : ", ") + utf8Repaired(found[i]);
    if (found.size() > kNamed)
        names += " and " + std::to_string(found.size() - kNamed) + " more";
    return hasTypes
        ? "This file stores special tokens as ordinary text; " + names + " are taken as special."
        : "This file does not say which of its tokens are special; " + names
            + " are taken as such.";
}

} // namespace

bool looksLikeMarkup(std::string_view token)
{
    return token.size() > 2
        && ((token.front() == '<' && token.back() == '>')
            || (token.front() == '[' && token.back() == ']'));
}

void findControlTokens(Vocabulary& vocabulary, std::string_view chatTemplate, bool hasTypes)
{
    std::vector<std::int32_t> candidates;
    std::unordered_set<std::string_view> texts;
    for (std::size_t i = 0; i < vocabulary.tokens.size(); ++i) {
        const std::string_view token = vocabulary.tokens[i];
        const auto id = static_cast<std::int32_t>(i);
        const TokenType type = vocabulary.types[i];
        if (type == TokenType::Control || type == TokenType::Unknown
            || type == TokenType::UserDefined || token.size() > kLongestToken
            || !looksLikeMarkup(token) || (type == TokenType::Unused && isSpare(token)))
            continue;
        const bool isNormal = type == TokenType::Normal;
        if (isByte(token)) {
            if (isNormal && vocabulary.kind != Vocabulary::Kind::ByteLevel)
                vocabulary.types[i] = TokenType::Byte;
        } else if (looksLikeControl(token) || isNamed(vocabulary, id)
            || (isNormal && token.size() > 3
                && chatTemplate.find(token) != std::string_view::npos)) {
            candidates.push_back(id);
            texts.insert(token);
        }
    }
    if (candidates.empty())
        return;
    const auto ordinary = vocabulary.kind == Vocabulary::Kind::Scores ? composed(vocabulary, texts)
                                                                      : merged(vocabulary, texts);
    std::vector<std::string_view> found;
    for (const std::int32_t id : candidates) {
        const auto i = static_cast<std::size_t>(id);
        if (ordinary.contains(std::string(vocabulary.tokens[i])) && !isNamed(vocabulary, id))
            continue;
        vocabulary.types[i] = id == vocabulary.unknown ? TokenType::Unknown : TokenType::Control;
        found.push_back(vocabulary.tokens[i]);
    }
    if (!found.empty())
        vocabulary.remark += (vocabulary.remark.empty() ? "" : " ") + sentence(found, hasTypes);
}

} // namespace ponder
