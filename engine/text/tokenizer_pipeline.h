#pragma once

#include <optional>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/result.h"
#include "engine/text/pre_tokenizer.h"
#include "engine/text/vocabulary.h"

namespace ponder {

/// What tokenizer.json's normalizer and pre_tokenizer do with a text before it is merged.
struct TokenizerPipeline {
    bool compose = false; ///< NFC
    bool escapesSpaces = false; ///< " " becomes "▁"
    SpacePrefix spacePrefix = SpacePrefix::None;
    bool byteLevel = false;
    std::vector<PreTokenizer::Split> splits;
};

/// Fails with UnsupportedTokenizer, with a sentence that names the step which Ponder does not know.
[[nodiscard]] Result<TokenizerPipeline> readPipeline(const nlohmann::json& tokenizer);

} // namespace ponder
