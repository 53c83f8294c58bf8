#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/result.h"
#include "engine/file/mapped_file.h"
#include "engine/file/metadata.h"
#include "engine/file/model_tensor.h"

namespace ponder {

class GgufFile;
class HuggingFaceFolder;
struct FolderTexts;

/// A model on the disk, whatever it is kept in: one GGUF, a split GGUF (name-00001-of-00009.gguf,
/// opened by any of its parts), or a Hugging Face folder (opened by itself, its config.json or one
/// of its .safetensors). Metadata and tensors have GGUF's names in all of them, so a family is
/// written once.
///
/// Everything was checked: strings, arrays and tensors lie inside their files, no two tensors
/// overlap, every name occurs once, and all parts are there. All views live as long as the
/// ModelFile that gave them (moving it keeps them valid). Immutable after open; any number of
/// threads may read it.
class ModelFile : public Metadata {
public:
    enum class Kind { Gguf, SplitGguf, Folder };

    /// Fails as GgufFile::open does, and with FileNotFound where a part is missing (the sentence
    /// names it), FileCorrupt where parts contradict each other.
    [[nodiscard]] static Result<ModelFile> open(const std::filesystem::path& path);

    /// The same for one GGUF already in memory; the bytes must outlive the ModelFile.
    [[nodiscard]] static Result<ModelFile> fromBytes(std::span<const std::byte> bytes);

    /// A folder that is open already.
    [[nodiscard]] static ModelFile fromFolder(HuggingFaceFolder folder);

    ModelFile(ModelFile&&) noexcept;
    ModelFile& operator=(ModelFile&&) noexcept;
    ~ModelFile();

    [[nodiscard]] Kind kind() const;
    /// "GGUF 3", "GGUF 3 in 9 files", "Hugging Face folder, 163 files"
    [[nodiscard]] std::string format() const;
    [[nodiscard]] std::uint64_t fileBytes() const; ///< of all its files together

    /// The path of the largest of its files; empty where it was opened from memory.
    [[nodiscard]] std::filesystem::path largestFile() const;

    /// What tells this model from another but for the weights: headers, texts, tensor lists.
    [[nodiscard]] std::span<const std::span<const std::byte>> heads() const;

    /// What happened to its files since they were opened, the worst first (see MappedFile); nothing:
    /// they are as they were. Costs a system call a file.
    [[nodiscard]] std::optional<FileChange> change() const;
    /// Takes the files' times of change for those that they had when they were opened.
    void acceptWritten() const;
    /// Whether that was ever done. Costs next to nothing.
    [[nodiscard]] bool wasWritten() const;
    /// Whether pages of weights were lost, and zeros stand in their place. Costs next to nothing.
    [[nodiscard]] bool isLost() const;

    /// Puts weights that the files have in another order into the kernels' own, in memory that
    /// this ModelFile holds from then on (see Mxfp4Order). Most files have none; then, and the second
    /// time, it does nothing. To be called before anything is computed with tensors that have a
    /// source. Thread safe. Fails with Cancelled, and as change() says.
    [[nodiscard]] Result<void> prepare(
        const std::function<void(std::uint64_t done, std::uint64_t total)>& progress = {},
        const std::stop_token& stop = {}) const;
    /// Memory of its own that prepare() takes, and whether it did.
    [[nodiscard]] std::uint64_t reorderedBytes() const;
    [[nodiscard]] bool isPrepared() const;

    [[nodiscard]] std::span<const ModelTensor> tensors() const; ///< in file order
    [[nodiscard]] const ModelTensor* tensor(std::string_view name) const; ///< nullptr where absent

    /// The JSON texts of a Hugging Face folder (engine/file/folder_texts.h); nullptr for a GGUF.
    [[nodiscard]] const FolderTexts* folder() const;

private:
    struct Storage;
    ModelFile();
    [[nodiscard]] static Result<ModelFile> openGguf(const std::filesystem::path& path);
    [[nodiscard]] static Result<ModelFile> openFolder(const std::filesystem::path& path);
    [[nodiscard]] static Result<ModelFile> openParts(
        const std::filesystem::path& path, const GgufFile& named);
    /// Takes a part's tensors, and of the first its metadata.
    [[nodiscard]] Result<void> addGguf(GgufFile file);
    /// The first key to which a part gives another value than the parts before it.
    [[nodiscard]] std::string_view contradiction(const GgufFile& part) const;
    void forEachMap(const std::function<void(const MappedFile&)>& call) const;

    std::unique_ptr<Storage> m_storage;
    std::vector<ModelTensor> m_tensors;
    std::unordered_map<std::string_view, std::size_t> m_tensorOf;
};

} // namespace ponder
