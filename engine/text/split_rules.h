#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/pre_tokenizer.h"

namespace ponder {

/// What GGUF files mean by a name in tokenizer.ggml.pre: the publishers' tokenizer.json files have the rule in full, GGUF
/// has only its name.
struct SplitRule {
    std::vector<std::string_view> names; ///< the first is the one to show
    std::vector<PreTokenizer::Split> splits;
    bool compose = false; ///< text is brought to NFC first
    bool ignoreMerges = false; ///< a piece that is a token is that token, whatever the merges say
    bool addBos = false; ///< where the file does not say
};

/// The rule of a name; null where there is none.
[[nodiscard]] const SplitRule* findSplitRule(std::string_view name);

/// For files that name no rule (the older ones) or "default": the rule of the family whose special tokens the vocabulary
/// has, else GPT-2's. has: whether the vocabulary has this token; size: how many tokens it has.
[[nodiscard]] std::string_view guessSplitRule(
    const std::function<bool(std::string_view)>& has, std::size_t size);

/// The first names of all rules, for a sentence.
[[nodiscard]] std::string splitRuleNames();

/// GPT-2's rule, which tokenizer.json's ByteLevel stands for where it says use_regex.
[[nodiscard]] std::string_view byteLevelPattern();

} // namespace ponder
