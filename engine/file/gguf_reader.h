#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/file/gguf.h"

namespace ponder {

/// Walks a GGUF file once from its start and fills a GgufFile. It checks everything that it reads.
/// Layout: github.com/ggml-org/ggml, docs/gguf.md.
class GgufReader {
public:
    explicit GgufReader(GgufFile& file);

    [[nodiscard]] Result<void> read();

private:
    [[nodiscard]] Result<void> readHeader(std::uint64_t& tensorCount, std::uint64_t& entryCount);
    [[nodiscard]] Result<void> readEntry();
    [[nodiscard]] Result<void> readTensorInfo();
    [[nodiscard]] Result<void> skipValue(GgufEntry& entry);
    [[nodiscard]] Result<void> readAlignment();
    [[nodiscard]] Result<void> refuseLargeHead() const;
    [[nodiscard]] Result<void> placeTensors();
    [[nodiscard]] Result<void> refuseOverlaps() const;

    template <typename T> [[nodiscard]] bool take(T& value); ///< false at the end of the file
    [[nodiscard]] bool takeString(std::string_view& text);
    [[nodiscard]] std::uint64_t left() const { return m_bytes.size() - m_at; }
    [[nodiscard]] tl::unexpected<Error> truncated(std::string_view what) const;
    [[nodiscard]] tl::unexpected<Error> corrupt(const std::string& what) const;

    GgufFile& m_file;
    std::span<const std::byte> m_whole; // the file
    std::span<const std::byte> m_bytes; // its head, or more
    std::uint64_t m_at = 0;
    std::uint64_t m_alignment = 32;
    std::vector<std::uint64_t> m_offsets; // [tensors], from the start of the data
    std::vector<std::uint64_t> m_sizes; // [tensors], bytes
};

} // namespace ponder
