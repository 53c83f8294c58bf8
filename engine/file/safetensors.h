#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/file/mapped_file.h"
#include "kernels/types/tensor_type.h"

namespace ponder {

using kernels::TensorType;

/// One tensor of a safetensors file.
struct SafeTensor {
    std::string name;
    std::string_view dtype; ///< as in the file: "BF16"
    std::optional<TensorType> type; ///< nothing for types that weights of models do not have
    std::uint32_t dimensionCount = 0; ///< 0 (one number) to 4
    /// Slowest first, as in the file: {rows, columns}; 1 past dimensionCount.
    std::array<std::uint64_t, 4> dimensions{1, 1, 1, 1};
    std::span<const std::byte> data; ///< of any alignment
};

/// A safetensors file, mapped and checked: after open() succeeds every tensor lies inside the file and has
/// the size of its shape and type, no two overlap, and every name occurs once. The header is read
/// in one pass, so that no memory is allocated because it says so.
/// Format: github.com/huggingface/safetensors. Immutable; any number of threads may read it.
class SafeTensorsFile {
public:
    /// Fails with FileNotFound, FileUnreadable, FileTruncated (says how many bytes are missing),
    /// FileCorrupt or UnsupportedFormat. Sentences begin with the file's name.
    [[nodiscard]] static Result<SafeTensorsFile> open(const std::filesystem::path& path);

    /// The same for bytes in memory, which must outlive the SafeTensorsFile.
    [[nodiscard]] static Result<SafeTensorsFile> fromBytes(std::span<const std::byte> bytes);

    [[nodiscard]] std::span<const SafeTensor> tensors() const { return m_tensors; }
    [[nodiscard]] std::uint64_t fileBytes() const { return m_bytes.size(); }
    [[nodiscard]] std::span<const std::byte> headBytes() const
    {
        return m_bytes.first(m_headBytes);
    }
    /// The map, which says what happened to the file since; empty where the bytes were in memory.
    [[nodiscard]] const MappedFile& map() const { return m_map; }

private:
    MappedFile m_map;
    std::span<const std::byte> m_bytes;
    std::size_t m_headBytes = 0;
    std::vector<SafeTensor> m_tensors;
};

} // namespace ponder
