#pragma once

#include <nlohmann/json_fwd.hpp>

#include "engine/base/result.h"
#include "engine/file/model_file.h"
#include "engine/text/vocabulary.h"

namespace ponder {

/// The vocabulary of a model: of a Hugging Face folder that of its tokenizer.json, of a GGUF that of tokenizer.ggml.*. The
/// file must outlive it. Fails as Tokenizer::fromModelFile.
[[nodiscard]] Result<Vocabulary> readVocabulary(const ModelFile& file);

/// The JSON texts of a folder that tell of its tokens; null where there is none. Nothing in them was checked.
struct VocabularyTexts {
    const nlohmann::json& tokenizer; ///< tokenizer.json
    const nlohmann::json& tokenizerConfig; ///< tokenizer_config.json
    const nlohmann::json& config; ///< config.json
    const nlohmann::json& generationConfig; ///< generation_config.json
};

/// The texts must outlive the vocabulary.
[[nodiscard]] Result<Vocabulary> readVocabulary(const VocabularyTexts& texts);

} // namespace ponder
