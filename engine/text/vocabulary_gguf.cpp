#include "engine/text/vocabulary_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/base/utf8.h"
#include "engine/file/folder_texts.h"
#include "engine/text/control_tokens.h"
#include "engine/text/split_rules.h"

namespace ponder {

namespace {

tl::unexpected<Error> damaged(std::string context)
{
    return fail(ErrorCode::FileCorrupt,
        "The model file's tokenizer is damaged or missing, so text cannot be turned into "
        "tokens. Download the file again.",
        std::move(context));
}

Result<void> readTokens(const ModelFile& file, Vocabulary& vocabulary)
{
    const auto tokens = file.getStrings("tokenizer.ggml.tokens");
    if (!tokens || tokens->empty() || tokens->size() > (1u << 30))
        return damaged("tokenizer.ggml.tokens");
    std::size_t bytes = 0;
    for (const std::string_view token : *tokens)
        bytes += token.size();
    if (bytes > UINT32_MAX)
        return damaged("tokenizer.ggml.tokens");
    vocabulary.tokens.assign(tokens->begin(), tokens->end());

    const auto types = file.getInts("tokenizer.ggml.token_type");
    if (file.entry("tokenizer.ggml.token_type") && (!types || types->size() != tokens->size()))
        return damaged("tokenizer.ggml.token_type");
    vocabulary.types.assign(tokens->size(), TokenType::Normal);
    for (std::size_t i = 0; types && i < types->size(); ++i)
        if ((*types)[i] >= 1 && (*types)[i] <= 6)
            vocabulary.types[i] = static_cast<TokenType>((*types)[i]);
    return {};
}

Result<void> readMerges(const ModelFile& file, Vocabulary& vocabulary)
{
    const auto merges = file.getStrings("tokenizer.ggml.merges");
    if (!merges)
        return damaged("tokenizer.ggml.merges");
    vocabulary.merges.reserve(merges->size());
    for (std::size_t rank = 0; rank < merges->size(); ++rank) {
        const std::string_view merge = (*merges)[rank];
        const std::size_t space = merge.size() < 3 ? std::string_view::npos : merge.find(' ', 1);
        if (space == std::string_view::npos || space + 1 == merge.size())
            return fail(ErrorCode::FileCorrupt,
                "The model file's tokenizer is damaged: one of its merges is no pair of tokens. "
                "Download the file again.",
                "tokenizer.ggml.merges[" + std::to_string(rank) + "]");
        vocabulary.merges.emplace_back(merge.substr(0, space), merge.substr(space + 1));
    }
    return {};
}

Result<void> readSplitRule(const ModelFile& file, Vocabulary& vocabulary)
{
    std::string name = utf8Repaired(file.getString("tokenizer.ggml.pre").value_or("default"));
    if (name == "default" || name.empty()) {
        name = guessSplitRule(
            [&](std::string_view token) {
                return std::ranges::find(vocabulary.tokens, token) != vocabulary.tokens.end();
            },
            vocabulary.tokens.size());
        vocabulary.remark = "This file does not say by which rule its model splits text into "
                            "words; by its special "
                            "tokens it should be \""
            + name + "\". A newer file of the same model may answer better.";
    }
    const SplitRule* rule = findSplitRule(name);
    if (!rule)
        return fail(ErrorCode::UnsupportedTokenizer,
            "This model splits text into words by a rule that Ponder does not know: \"" + name
                + "\". It knows " + splitRuleNames() + ".",
            "tokenizer.ggml.pre");
    auto splitter = PreTokenizer::create(rule->splits);
    if (!splitter)
        return tl::unexpected(splitter.error());
    vocabulary.splitter = std::move(*splitter);
    vocabulary.compose = rule->compose;
    vocabulary.ignoreMerges = rule->ignoreMerges;
    vocabulary.addBos = rule->addBos;
    return {};
}

Result<void> readScores(const ModelFile& file, Vocabulary& vocabulary)
{
    const auto scores = file.getFloats("tokenizer.ggml.scores");
    if (!scores || scores->size() != vocabulary.tokens.size())
        return damaged("tokenizer.ggml.scores");
    vocabulary.kind = Vocabulary::Kind::Scores;
    vocabulary.scores.reserve(scores->size());
    for (const float score : *scores)
        vocabulary.scores.push_back(std::isnan(score) ? -std::numeric_limits<float>::max() : score);
    vocabulary.addBos = true;
    vocabulary.spacePrefix = file.getBool("tokenizer.ggml.add_space_prefix").value_or(true)
        ? SpacePrefix::EveryText
        : SpacePrefix::None;
    return {};
}

void readIds(const ModelFile& file, Vocabulary& vocabulary)
{
    const auto idOf = [&](std::string_view key) {
        const auto value = file.getUint(key);
        return value && *value < vocabulary.tokens.size() ? static_cast<std::int32_t>(*value) : -1;
    };
    vocabulary.bos = idOf("tokenizer.ggml.bos_token_id");
    vocabulary.eos = idOf("tokenizer.ggml.eos_token_id");
    vocabulary.unknown = idOf("tokenizer.ggml.unknown_token_id");
    vocabulary.addBos = file.getBool("tokenizer.ggml.add_bos_token").value_or(vocabulary.addBos);
    vocabulary.endings = {
        vocabulary.eos, idOf("tokenizer.ggml.eot_token_id"), idOf("tokenizer.ggml.eom_token_id")};
}

} // namespace

Result<Vocabulary> readVocabulary(const ModelFile& file)
{
    if (const FolderTexts* folder = file.folder())
        return readVocabulary(VocabularyTexts{
            folder->tokenizer, folder->tokenizerConfig, folder->config, folder->generationConfig});
    const auto model = file.getString("tokenizer.ggml.model");
    if (!model)
        return damaged("tokenizer.ggml.model");
    if (*model != "gpt2" && *model != "llama")
        return fail(ErrorCode::UnsupportedTokenizer,
            "This model's tokenizer is of the kind \"" + utf8Repaired(*model)
                + "\", which Ponder does not know. It knows SentencePiece (\"llama\"), and "
                  "byte-level BPE "
                  "(\"gpt2\") with the rules "
                + splitRuleNames() + ".",
            "tokenizer.ggml.model");
    Vocabulary vocabulary;
    auto read = readTokens(file, vocabulary);
    if (read && *model == "llama")
        read = readScores(file, vocabulary);
    else if (read)
        read = readSplitRule(file, vocabulary).and_then([&] {
            return readMerges(file, vocabulary);
        });
    if (!read)
        return tl::unexpected(read.error());
    readIds(file, vocabulary);
    findControlTokens(vocabulary, file.getString("tokenizer.chat_template").value_or(""),
        file.entry("tokenizer.ggml.token_type") != nullptr);
    return vocabulary;
}

} // namespace ponder
