#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "engine/base/result.h"
#include "engine/file/model_file.h"
#include "engine/model/family.h"
#include "engine/model/network.h"

namespace ponder {

/// What a person or the storage wants to know of a model.
struct ModelInfo {
    std::filesystem::path path;
    std::string name; ///< general.name, or the file's name
    std::string architecture; ///< "deepseek2"
    std::string quantisation; ///< by share of bytes, largest first: "Q4_K 71 %, Q6_K 27 %, F32 2 %"
    std::string
        fingerprint; ///< 16 hex digits of the header, the tensor list and the size; cheap and stable
    std::uint64_t fileBytes = 0;
    std::uint64_t parameters = 0; ///< weights in the file
    std::uint64_t activeParameters = 0; ///< weights that one token is multiplied by
    std::uint32_t contextLength = 0; ///< tokens the model was made for
    std::uint32_t layers = 0;
    std::uint32_t vocabularySize = 0; ///< token ids are 0 .. vocabularySize - 1
    std::uint32_t experts = 0; ///< routed experts of a layer; 0 for a dense model
    std::uint32_t expertsUsed = 0;
};

struct ModelOpenOptions {
    /// Read all weights once, so that the first answer does not wait for the disk.
    bool warm = false;
    /// While warming: bytes read, bytes in all. Called on the opening thread.
    std::function<void(std::uint64_t done, std::uint64_t total)> progress;
    /// Stops warming within a fraction of a second; open then fails with Cancelled.
    std::stop_token stop;
    /// The architectures to choose from; null: all that Ponder has.
    std::span<const Family> families = builtinFamilies();
};

/// A model file, mapped and checked, with its weights in place. Opening takes milliseconds (unless
/// it warms). Immutable: sessions share it, on any thread.
class Model {
public:
    /// Fails with ModelFile's errors, UnsupportedArchitecture, UnsupportedQuantisation, or FileCorrupt
    /// where a hyper-parameter or a tensor is missing, absurd, or of the wrong shape.
    [[nodiscard]] static Result<std::shared_ptr<const Model>> open(
        const std::filesystem::path& path, const ModelOpenOptions& options = {});

    [[nodiscard]] const ModelInfo& info() const { return m_info; }

    /// Metadata, for the tokenizer and the chat template.
    [[nodiscard]] const ModelFile& file() const { return m_file; }

    /// The layers and where their weights lie.
    [[nodiscard]] const Network& network() const { return m_network; }

    /// Whether the files still hold what was opened; fails with a sentence on what happened to them
    /// (FileTruncated, FileUnreadable, FileCorrupt), and from then on for good. Another time of change
    /// alone is no failure where the weights are those of the fingerprint. To be asked after weights
    /// were read, before anything that was computed with them is shown. Costs a system call a file.
    [[nodiscard]] Result<void> intact() const;

    /// What to say of results that are no numbers: that the files were changed, where their time of change
    /// ever was another (intact() looks at a sample of the weights only), else that they are damaged.
    [[nodiscard]] Error damage() const;

    Model(ModelFile file, Network network, ModelInfo info); ///< for open(); not for use elsewhere

private:
    ModelFile m_file;
    Network m_network;
    ModelInfo m_info;
    mutable std::atomic<bool> m_isSpoilt{false}; ///< intact() failed once
};

} // namespace ponder
