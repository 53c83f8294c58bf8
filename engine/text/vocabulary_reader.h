#pragma once

#include "engine/file/gguf.h"
#include "engine/result.h"
#include "engine/text/vocabulary.h"

namespace ponder {

/// The vocabulary of a GGUF file (tokenizer.ggml.*), which must outlive it. Fails as Tokenizer::fromGguf.
[[nodiscard]] Result<Vocabulary> readVocabulary(const GgufFile& file);

} // namespace ponder
