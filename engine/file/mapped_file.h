#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "engine/result.h"

namespace ponder {

/// A file mapped read-only. The pages come from the disk when they are first read and stay shared
/// with the system's cache, so opening costs nothing and takes no memory of its own.
/// Immutable after open, so any number of threads may read it.
class MappedFile {
public:
    /// Fails with FileNotFound, FileUnreadable or FileTruncated (an empty file).
    [[nodiscard]] static Result<MappedFile> open(const std::filesystem::path& path);

    MappedFile() = default;
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    ~MappedFile();

    [[nodiscard]] std::span<const std::byte> bytes() const { return m_bytes; }

    /// False once the file has become shorter than what was mapped: reading the missing pages would
    /// end the process (SIGBUS), so ask before a long walk over the bytes. Costs one system call.
    [[nodiscard]] bool isWhole() const;

private:
    std::span<const std::byte> m_bytes;
    int m_descriptor = -1;
};

} // namespace ponder
