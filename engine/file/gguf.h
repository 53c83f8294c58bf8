#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/result.h"
#include "engine/file/mapped_file.h"
#include "engine/file/metadata.h"
#include "engine/file/model_tensor.h"

namespace ponder {

/// A GGUF file (versions 2 and 3), mapped and checked: after open() succeeds every string, array and
/// tensor lies inside the file, no two tensors overlap, and every name occurs once.
///
/// Nothing is allocated on the file's word, so a lying length fails at once, and counts that no model
/// comes near are refused, since the holes of a sparse file cost nothing on the disk. All strings and
/// spans live as long as the GgufFile that gave them (moving it keeps them valid): tensors point into
/// the map, metadata and names into a copy of their own, which stays what was checked when somebody
/// writes to the file. Immutable after open; any number of threads may read it.
class GgufFile : public Metadata {
public:
    /// Fails with FileNotFound, FileUnreadable, FileTruncated (says how many bytes are missing),
    /// FileCorrupt, or UnsupportedFormat (another kind of file, another version, one part of a
    /// split file, an unknown tensor type).
    [[nodiscard]] static Result<GgufFile> open(const std::filesystem::path& path);

    /// The same checks over bytes already in memory, which must outlive the GgufFile.
    [[nodiscard]] static Result<GgufFile> fromBytes(std::span<const std::byte> bytes);

    [[nodiscard]] std::uint32_t version() const { return m_version; }
    [[nodiscard]] std::uint64_t fileBytes() const { return m_bytes.size(); }

    /// Everything before the tensors' data: the header, the metadata and the tensor list.
    [[nodiscard]] std::span<const std::byte> headBytes() const { return m_head; }

    /// The map, for what happened to the file since; of nothing where the bytes were in memory.
    [[nodiscard]] const MappedFile& map() const { return m_map; }

    [[nodiscard]] std::span<const ModelTensor> tensors() const
    {
        return m_tensors;
    } ///< in file order
    [[nodiscard]] const ModelTensor* tensor(std::string_view name) const; ///< nullptr where absent

private:
    friend class GgufReader;
    [[nodiscard]] static Result<GgufFile> read(std::span<const std::byte> mapped);
    GgufFile() = default;

    MappedFile m_map;
    std::vector<std::byte> m_headCopy; // where the file is mapped
    std::span<const std::byte> m_bytes; // all of the file
    std::span<const std::byte> m_head;
    std::uint32_t m_version = 0;
    std::vector<ModelTensor> m_tensors;
    std::unordered_map<std::string_view, std::size_t> m_tensorOf;
};

} // namespace ponder
