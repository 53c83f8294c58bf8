#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/file/folder_texts.h"
#include "engine/file/huggingface/mxfp4_order.h"
#include "engine/file/metadata_writer.h"
#include "engine/file/model_tensor.h"
#include "engine/file/safetensors.h"

namespace ponder {

struct FolderFacts;

/// A Hugging Face folder: its texts, its safetensors, and both under GGUF's names. Checked as
/// ModelFile promises. Moving it keeps every view valid.
class HuggingFaceFolder {
public:
    /// Fails as readFolderConfig and SafeTensorsFile::open do, and with FileNotFound where the
    /// folder lacks a file (the sentence names it).
    [[nodiscard]] static Result<HuggingFaceFolder> open(const std::filesystem::path& folder);

    /// What open() does with the files that it found.
    [[nodiscard]] static Result<HuggingFaceFolder> assemble(
        const std::string& name, FolderTexts texts, std::vector<SafeTensorsFile> shards);

    /// The folder that a path means: itself, or the one around a config.json, an index or a
    /// .safetensors; empty where the path is something else.
    [[nodiscard]] static std::filesystem::path around(const std::filesystem::path& path);

    [[nodiscard]] const FolderTexts& texts() const { return *m_texts; }
    [[nodiscard]] std::span<const GgufEntry> entries() const { return m_metadata.entries(); }
    [[nodiscard]] std::span<const ModelTensor> tensors() const { return m_tensors; }
    [[nodiscard]] std::vector<std::span<const std::byte>> heads() const;
    [[nodiscard]] std::size_t fileCount() const { return m_shards.size(); }
    [[nodiscard]] std::uint64_t fileBytes() const; ///< of the safetensors
    [[nodiscard]] std::span<const SafeTensorsFile> shards() const { return m_shards; }
    [[nodiscard]] Mxfp4Order& reordered() const { return *m_reordered; } ///< may hold nothing

private:
    friend class TensorCollector;

    /// GGUF counts layers that predict a second token among the others; some folders leave them out.
    void countPredictionLayers(const FolderFacts& facts);

    std::unique_ptr<FolderTexts> m_texts = std::make_unique<FolderTexts>();
    std::string m_configBytes;
    MetadataWriter m_metadata;
    std::vector<SafeTensorsFile> m_shards;
    std::vector<ModelTensor> m_tensors;
    std::unique_ptr<Mxfp4Order> m_reordered = std::make_unique<Mxfp4Order>();
    std::deque<std::string> m_names; // of the tensors
    std::deque<std::vector<float>> m_floats; // scales and factors that no file has as it is needed
};

} // namespace ponder
