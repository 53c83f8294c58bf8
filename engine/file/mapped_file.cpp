#include "engine/file/mapped_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/file/lost_pages.h"
#include "engine/file/printable.h"

namespace ponder {
namespace {

std::int64_t modified(const struct stat& status)
{
    return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

} // namespace

Error FileChange::error() const
{
    const std::string name = "The file " + printableName(path);
    switch (kind) {
    case Kind::Shorter:
        return {ErrorCode::FileTruncated,
            name
                + " became shorter while it was in use. Download or copy it again, then open it "
                  "anew.",
            path.string()};
    case Kind::Unreadable:
        return {ErrorCode::FileUnreadable,
            name
                + " became unreadable while it was in use: it was changed, or its disk failed. "
                  "Open "
                  "it anew; where that does not help, download or copy it again.",
            path.string()};
    case Kind::Written:
        break;
    }
    return {ErrorCode::FileCorrupt, name + " was changed while it was in use. Open it anew.",
        path.string()};
}

Result<MappedFile> MappedFile::open(const std::filesystem::path& path)
{
    const std::string name = printableWhole(path.string());
    MappedFile file;
    // Non-blocking, so that a named pipe is refused below instead of waited for.
    file.m_descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file.m_descriptor < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return fail(ErrorCode::FileNotFound, "There is no file " + name + ".", path.string());
        return fail(ErrorCode::FileUnreadable,
            "The file " + name + " cannot be opened: " + std::strerror(errno) + ".", path.string());
    }
    struct stat status{};
    if (::fstat(file.m_descriptor, &status) != 0)
        return fail(ErrorCode::FileUnreadable,
            "The file " + name + " cannot be read: " + std::strerror(errno) + ".", path.string());
    if (S_ISDIR(status.st_mode))
        return fail(ErrorCode::FileUnreadable,
            name + " is a folder; choose the model file (.gguf) inside it.", path.string());
    if (!S_ISREG(status.st_mode))
        return fail(ErrorCode::FileUnreadable, name + " is not a regular file.", path.string());
    if (status.st_size == 0)
        return fail(ErrorCode::FileTruncated,
            "The file " + name + " is empty. Download or copy it again.", path.string());
    const auto size = static_cast<std::size_t>(status.st_size);
    void* start = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.m_descriptor, 0);
    if (start == MAP_FAILED && errno == ENOMEM)
        return fail(ErrorCode::OutOfMemory,
            "The file " + name
                + " does not fit into the memory this program may use. Raise its limit (ulimit -v) "
                  "or choose a smaller model.",
            path.string());
    if (start == MAP_FAILED)
        return fail(ErrorCode::FileUnreadable,
            "The file " + name + " cannot be mapped into memory: " + std::strerror(errno) + ".",
            path.string());
    file.m_bytes = {static_cast<const std::byte*>(start), size};
    file.m_path = path;
    file.m_pages = watchPages(start, size, file.m_descriptor);
    file.m_pages->modified = modified(status);
    return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : m_bytes(std::exchange(other.m_bytes, {}))
    , m_descriptor(std::exchange(other.m_descriptor, -1))
    , m_path(std::move(other.m_path))
    , m_pages(std::exchange(other.m_pages, nullptr))
{
}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept
{
    std::swap(m_bytes, other.m_bytes);
    std::swap(m_descriptor, other.m_descriptor);
    std::swap(m_path, other.m_path);
    std::swap(m_pages, other.m_pages);
    return *this;
}

MappedFile::~MappedFile()
{
    if (m_pages != nullptr)
        unwatchPages(*m_pages);
    if (!m_bytes.empty())
        ::munmap(const_cast<std::byte*>(m_bytes.data()), m_bytes.size());
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

bool MappedFile::isLost() const
{
    return m_pages != nullptr && m_pages->isLost.load(std::memory_order_acquire);
}

std::optional<FileChange> MappedFile::change() const
{
    if (m_pages == nullptr)
        return std::nullopt;
    struct stat status{};
    const bool isKnown = ::fstat(m_descriptor, &status) == 0;
    if (isKnown && static_cast<std::uint64_t>(status.st_size) < m_bytes.size())
        return FileChange{FileChange::Kind::Shorter, m_path};
    if (!isKnown || isLost())
        return FileChange{FileChange::Kind::Unreadable, m_path};
    if (modified(status) != m_pages->modified.load(std::memory_order_relaxed))
        return FileChange{FileChange::Kind::Written, m_path};
    return std::nullopt;
}

void MappedFile::acceptWritten() const
{
    struct stat status{};
    if (m_pages != nullptr && ::fstat(m_descriptor, &status) == 0)
        m_pages->modified.store(modified(status), std::memory_order_relaxed);
    if (m_pages != nullptr)
        m_pages->wasWritten.store(true, std::memory_order_relaxed);
}

bool MappedFile::wasWritten() const
{
    return m_pages != nullptr && m_pages->wasWritten.load(std::memory_order_relaxed);
}

} // namespace ponder
