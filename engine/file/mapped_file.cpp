#include "engine/file/mapped_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ponder {

Result<MappedFile> MappedFile::open(const std::filesystem::path& path)
{
    const std::string name = path.string();
    MappedFile file;
    // Non-blocking, so that a named pipe is refused below instead of waited for.
    file.m_descriptor = ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file.m_descriptor < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return fail(ErrorCode::FileNotFound, "There is no file " + name + ".", name);
        return fail(ErrorCode::FileUnreadable,
            "The file " + name + " cannot be opened: " + std::strerror(errno) + ".", name);
    }
    struct stat status{};
    if (::fstat(file.m_descriptor, &status) != 0)
        return fail(ErrorCode::FileUnreadable,
            "The file " + name + " cannot be read: " + std::strerror(errno) + ".", name);
    if (S_ISDIR(status.st_mode))
        return fail(ErrorCode::FileUnreadable,
            name + " is a folder; choose the model file (.gguf) inside it.", name);
    if (!S_ISREG(status.st_mode))
        return fail(ErrorCode::FileUnreadable, name + " is not a regular file.", name);
    if (status.st_size == 0)
        return fail(ErrorCode::FileTruncated,
            "The file " + name + " is empty. Download or copy it again.", name);
    const auto size = static_cast<std::size_t>(status.st_size);
    void* start = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.m_descriptor, 0);
    if (start == MAP_FAILED && errno == ENOMEM)
        return fail(ErrorCode::OutOfMemory,
            "The file " + name
                + " does not fit into the memory this program may use. Raise its limit (ulimit -v) "
                  "or choose a smaller model.",
            name);
    if (start == MAP_FAILED)
        return fail(ErrorCode::FileUnreadable,
            "The file " + name + " cannot be mapped into memory: " + std::strerror(errno) + ".",
            name);
    file.m_bytes = {static_cast<const std::byte*>(start), size};
    return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : m_bytes(std::exchange(other.m_bytes, {}))
    , m_descriptor(std::exchange(other.m_descriptor, -1))
{
}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept
{
    std::swap(m_bytes, other.m_bytes);
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

MappedFile::~MappedFile()
{
    if (!m_bytes.empty())
        ::munmap(const_cast<std::byte*>(m_bytes.data()), m_bytes.size());
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

bool MappedFile::isWhole() const
{
    struct stat status{};
    return ::fstat(m_descriptor, &status) == 0
        && static_cast<std::uint64_t>(status.st_size) >= m_bytes.size();
}

} // namespace ponder
