#include "engine/file/disk_speed.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <memory>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/file/model_file.h"

namespace ponder {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kPiece = 8U << 20U;
constexpr std::size_t kPieces = 16;
constexpr std::size_t kAlignment = 4096; // what reading past the cache asks of buffer and offset
constexpr std::chrono::milliseconds kLongest{1000};

class Descriptor {
public:
    Descriptor(const std::filesystem::path& file, int flags)
        : m_number(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags))
    {
    }
    ~Descriptor()
    {
        if (m_number >= 0)
            ::close(m_number);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return m_number; }

private:
    int m_number;
};

double readPieces(int descriptor, std::byte* buffer, std::size_t size)
{
    const std::size_t step = std::max(size / kPieces, kPiece) / kAlignment * kAlignment;
    const auto start = Clock::now();
    double bytes = 0;
    for (std::size_t at = 0; at + kPiece <= size && Clock::now() - start < kLongest; at += step) {
        const ssize_t got = ::pread(descriptor, buffer, kPiece, static_cast<off_t>(at));
        if (got <= 0)
            return 0;
        bytes += static_cast<double>(got);
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return bytes > 0 && seconds > 0 ? bytes / seconds : 0;
}

} // namespace

double measureDiskSpeed(const std::filesystem::path& file)
{
    const std::unique_ptr<void, void (*)(void*)> memory(
        std::aligned_alloc(kAlignment, kPiece), std::free);
    if (memory == nullptr)
        return 0;
    for (const int flags : {O_DIRECT, 0}) { // some file systems know no way past the cache
        const Descriptor opened(file, flags);
        struct stat status{};
        if (opened.number() < 0 || ::fstat(opened.number(), &status) != 0
            || !S_ISREG(status.st_mode))
            continue;
        const double speed = readPieces(opened.number(), static_cast<std::byte*>(memory.get()),
            static_cast<std::size_t>(status.st_size));
        if (speed > 0)
            return speed;
    }
    return 0;
}

double measureDiskSpeed(const ModelFile& model)
{
    const std::filesystem::path file = model.largestFile();
    return file.empty() ? 0 : measureDiskSpeed(file);
}

} // namespace ponder
