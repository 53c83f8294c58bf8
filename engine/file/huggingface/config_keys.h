#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/file/folder_texts.h"
#include "engine/file/metadata_writer.h"

namespace ponder {

/// What a folder's config.json says beside the metadata.
struct FolderFacts {
    std::string architecture; ///< GGUF's name for it: "deepseek2"
    bool tiedEmbeddings = false; ///< the head is the embedding; an lm_head beside it does not count
    bool blockScaledFp8 = false; ///< E4M3 with a scale for every 128 x 128 weights
    std::uint32_t predictionLayers
        = 0; ///< layers after the model's own, which predict a second token
    std::uint32_t layers = 0; ///< without those
    /// What Llama 3's stretching divides the frequency of each rotated pair by; empty for other rotations.
    std::vector<float> ropeFactors;
};

/// Writes a config.json's values under GGUF's keys, and generation_config.json's as recommended
/// sampling. Fails with UnsupportedArchitecture, UnsupportedQuantisation (GPTQ, AWQ, bitsandbytes and
/// others, by name), UnsupportedFormat for values that Ponder cannot compute with, or FileCorrupt.
[[nodiscard]] Result<FolderFacts> readFolderConfig(
    const FolderTexts& texts, MetadataWriter& metadata);

} // namespace ponder
