#pragma once

#include "engine/file/model_file.h"
#include "engine/result.h"
#include "engine/text/vocabulary.h"

namespace ponder {

/// The vocabulary of a model file (tokenizer.ggml.*), which must outlive it. Fails as Tokenizer::fromModelFile.
[[nodiscard]] Result<Vocabulary> readVocabulary(const ModelFile& file);

} // namespace ponder
