#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

#include "engine/base/result.h"

namespace ponder {

struct WatchedPages;

/// What happened to a file after it was mapped.
struct FileChange {
    enum class Kind {
        Written, ///< its time of change is another; what it holds may be the same
        Unreadable, ///< a page could not be had from its disk, and zeros stand in its place
        Shorter, ///< bytes at its end are gone
    } kind
        = Kind::Written;
    std::filesystem::path path;

    /// For a person: what happened, and what to do.
    [[nodiscard]] Error error() const;
};

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
    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

    /// What happened to the file since it was mapped, the worst first; nothing: it is as it was. Reading
    /// pages that are gone ends the process (SIGBUS) unless it called surviveLostPages(); then it
    /// reads zeros, so ask after a walk over the bytes, too. Costs one system call.
    [[nodiscard]] std::optional<FileChange> change() const;

    /// Whether zeros stand somewhere in the place of what was in the file. Costs nothing.
    [[nodiscard]] bool isLost() const;

    /// Takes the file's time of change, as it is now, for the one it had when it was mapped.
    void acceptWritten() const;

    /// Whether that was ever done. Costs nothing.
    [[nodiscard]] bool wasWritten() const;

private:
    std::span<const std::byte> m_bytes;
    int m_descriptor = -1;
    std::filesystem::path m_path;
    WatchedPages* m_pages = nullptr; // while something is mapped
};

} // namespace ponder
