#include "app/cli.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace ponder::cli {

Result<std::string> readAll(const std::filesystem::path& path)
{
    const bool isStdin = path == "-";
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
        isStdin ? stdin : std::fopen(path.c_str(), "rb"),
        isStdin ? [](std::FILE*) { return 0; } : std::fclose);
    if (!file)
        return fail(errno == ENOENT ? ErrorCode::FileNotFound : ErrorCode::FileUnreadable,
            path.string() + " cannot be opened: " + std::strerror(errno) + ".");
    std::string text;
    char buffer[1 << 16];
    while (const size_t n = std::fread(buffer, 1, sizeof buffer, file.get()))
        text.append(buffer, n);
    if (std::ferror(file.get()))
        return fail(ErrorCode::FileUnreadable,
            path.string() + " cannot be read: " + std::strerror(errno) + ".");
    return text;
}

Result<void> flushOutput()
{
    if (std::fflush(stdout) != 0 || std::ferror(stdout))
        return fail(ErrorCode::FileUnreadable,
            std::string("The output cannot be written: ") + std::strerror(errno) + ".");
    return {};
}

} // namespace ponder::cli
