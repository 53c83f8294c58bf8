#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

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

/// One key of a file's metadata. Everything points into the file (or, where the file is no GGUF,
/// into what its reader wrote in GGUF's form).
struct GgufEntry {
    std::string_view key;
    GgufType type; ///< of the value, or of the elements where isArray
    bool isArray = false;
    std::uint64_t count = 1; ///< elements; 1 for a single value
    std::span<const std::byte> value; ///< little-endian; a string is a u64 length and its bytes
};

/// A model's metadata under GGUF's names. Immutable once read; any number of threads may read it.
class Metadata {
public:
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

protected:
    Metadata() = default;

    /// False where the key is there already.
    bool addEntry(const GgufEntry& entry);
    /// Replaces the entry of the same key, or adds it.
    void setEntry(const GgufEntry& entry);

private:
    std::vector<GgufEntry> m_entries;
    std::unordered_map<std::string_view, std::size_t> m_entryOf;
};

/// Bytes of one element of a fixed-size type; 0 for strings and arrays.
[[nodiscard]] std::uint32_t ggufTypeBytes(GgufType type);

/// A value as a person reads it: strings quoted and cut at maxLength bytes, arrays as their first
/// elements and their count. For `inspect` and for messages.
[[nodiscard]] std::string describeValue(const GgufEntry& entry, std::size_t maxLength = 80);

} // namespace ponder
