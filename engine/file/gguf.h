#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/file/mapped_file.h"
#include "engine/file/tensor_type.h"
#include "engine/result.h"

namespace ponder {

/// The types of GGUF's metadata values. The numbers are the file's own.
enum class GgufType : std::uint32_t {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    F32,
    Bool,
    String,
    Array,
    U64,
    I64,
    F64,
};

/// One key of the file's metadata. Everything points into the file.
struct GgufEntry {
    std::string_view key;
    GgufType type; ///< of the value, or of the elements where isArray
    bool isArray = false;
    std::uint64_t count = 1; ///< elements; 1 for a single value
    std::span<const std::byte> value; ///< little-endian; a string is a u64 length and its bytes
};

/// One tensor of the file. Everything points into the file.
struct GgufTensor {
    std::string_view name;
    TensorType type;
    std::uint32_t dimensionCount = 1; ///< 1 to 4
    /// Fastest first: {columns, rows, matrices, 1}; 1 past dimensionCount.
    std::array<std::uint64_t, 4> dimensions{1, 1, 1, 1};
    std::span<const std::byte> data;

    [[nodiscard]] std::uint64_t weightCount() const
    {
        return dimensions[0] * dimensions[1] * dimensions[2] * dimensions[3];
    }
};

/// A GGUF file (versions 2 and 3), mapped and checked: after open() succeeds every string, array and
/// tensor lies inside the file, no two tensors overlap, and every name occurs once.
///
/// Nothing is allocated on the file's word, so a lying length fails at once. All strings and spans
/// point into the map and live as long as the GgufFile that gave them (moving it keeps them valid).
/// Immutable after open; any number of threads may read it.
class GgufFile {
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
    [[nodiscard]] std::span<const std::byte> headBytes() const
    {
        return m_bytes.first(m_dataOffset);
    }

    /// False once the file was made shorter behind the map's back (see MappedFile).
    [[nodiscard]] bool isWhole() const { return m_map.bytes().empty() || m_map.isWhole(); }

    [[nodiscard]] std::span<const GgufEntry> entries() const
    {
        return m_entries;
    } ///< in file order
    [[nodiscard]] const GgufEntry* entry(std::string_view key) const; ///< nullptr where absent

    // Single values: empty where the key is absent or of another type.
    [[nodiscard]] std::optional<std::string_view> getString(std::string_view key) const;
    [[nodiscard]] std::optional<std::uint64_t> getUint(
        std::string_view key) const; ///< any integer >= 0
    [[nodiscard]] std::optional<std::int64_t> getInt(std::string_view key) const; ///< any integer
    [[nodiscard]] std::optional<double> getFloat(
        std::string_view key) const; ///< F32, F64 or an integer
    [[nodiscard]] std::optional<bool> getBool(std::string_view key) const;

    // Arrays: empty where the key is absent or its elements are of another type.
    [[nodiscard]] std::optional<std::vector<std::string_view>> getStrings(
        std::string_view key) const;
    [[nodiscard]] std::optional<std::vector<std::int64_t>> getInts(
        std::string_view key) const; ///< integers, booleans
    [[nodiscard]] std::optional<std::vector<float>> getFloats(
        std::string_view key) const; ///< F32 or F64

    [[nodiscard]] std::span<const GgufTensor> tensors() const
    {
        return m_tensors;
    } ///< in file order
    [[nodiscard]] const GgufTensor* tensor(std::string_view name) const; ///< nullptr where absent

private:
    friend class GgufReader;
    GgufFile() = default;

    MappedFile m_map;
    std::span<const std::byte> m_bytes;
    std::uint32_t m_version = 0;
    std::size_t m_dataOffset = 0;
    std::vector<GgufEntry> m_entries;
    std::vector<GgufTensor> m_tensors;
    std::unordered_map<std::string_view, std::size_t> m_entryOf;
    std::unordered_map<std::string_view, std::size_t> m_tensorOf;
};

/// A value as a person reads it: strings quoted and cut at maxLength bytes, arrays as their first
/// elements and their count. For `inspect` and for messages.
[[nodiscard]] std::string describeValue(const GgufEntry& entry, std::size_t maxLength = 80);

} // namespace ponder
