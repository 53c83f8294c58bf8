#include "engine/file/lost_pages.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/file/mapped_file.h"

using namespace ponder;

namespace {

constexpr std::size_t kPages = 64;

std::size_t pageBytes()
{
    return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// A file of kPages pages, each full of its own number, which counts from 1.
class NumberedPages {
public:
    explicit NumberedPages(const std::string& name)
        : path(std::filesystem::temp_directory_path()
              / ("ponder-tst-lost-" + name + std::to_string(::getpid())))
    {
        std::ofstream out(path, std::ios::binary | std::ios::trunc);
        for (std::size_t i = 0; i < kPages; ++i)
            out << std::string(pageBytes(), static_cast<char>(i + 1));
    }
    ~NumberedPages() { std::filesystem::remove(path); }
    NumberedPages(const NumberedPages&) = delete;
    NumberedPages& operator=(const NumberedPages&) = delete;

    void cut(std::size_t pages) const { std::filesystem::resize_file(path, pages * pageBytes()); }

    const std::filesystem::path path;
};

int at(const MappedFile& file, std::size_t page)
{
    return static_cast<int>(*static_cast<const volatile unsigned char*>(
        static_cast<const void*>(file.bytes().data() + page * pageBytes() + 7)));
}

/// What becomes of a process that does this. A handler is installed once, so this runs in a child.
int statusAfter(const std::function<void()>& act)
{
    const pid_t child = ::fork();
    if (child == 0) {
        act();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

/// Reads a page of a map that nobody watches, behind its file's end.
void readUnwatched(const NumberedPages& file)
{
    std::FILE* opened = std::fopen(file.path.c_str(), "rb");
    void* map = ::mmap(nullptr, kPages * pageBytes(), PROT_READ, MAP_SHARED, ::fileno(opened), 0);
    file.cut(1);
    const unsigned char read = static_cast<const volatile unsigned char*>(map)[9 * pageBytes()];
    ::_exit(read == 0 ? 3 : 4);
}

/// The sanitizers report the signal and exit instead.
bool diedOfBusError(int status)
{
    return (WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS)
        || (WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

} // namespace

TEST_CASE("a fault outside of the watched maps still ends the process")
{
    const NumberedPages file("foreign");
    CHECK(diedOfBusError(statusAfter([&] {
        surviveLostPages();
        readUnwatched(file);
    })));
}

TEST_CASE("a signal that somebody sent still ends the process")
{
    CHECK(diedOfBusError(statusAfter([] {
        surviveLostPages();
        ::raise(SIGBUS);
    })));
}

TEST_CASE("a handler that was there before is still asked for what is not ours")
{
    const NumberedPages file("before");
    const int status = statusAfter([&] {
        struct sigaction action{};
        action.sa_handler = [](int) { ::_exit(7); };
        ::sigaction(SIGBUS, &action, nullptr);
        surviveLostPages();
        readUnwatched(file);
    });
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("a map that is no longer watched is not ours")
{
    const NumberedPages file("ended");
    CHECK(diedOfBusError(statusAfter([&] {
        surviveLostPages();
        { // what comes next most likely gets its addresses
            const auto map = MappedFile::open(file.path);
            if (!map)
                ::_exit(5);
        }
        readUnwatched(file);
    })));
}

TEST_CASE("pages of a file that became shorter read as zeros, and it says so")
{
    surviveLostPages();
    surviveLostPages(); // does nothing
    const NumberedPages file("cut");
    const NumberedPages other("whole");
    auto opened = MappedFile::open(file.path);
    const auto whole = MappedFile::open(other.path);
    REQUIRE(opened);
    REQUIRE(whole);
    const MappedFile map = std::move(*opened); // what is watched moves with it
    CHECK(at(map, 5) == 6);
    file.cut(10);
    CHECK_FALSE(map.isLost()); // nobody has read what is gone
    REQUIRE(map.change());
    CHECK(map.change()->kind == FileChange::Kind::Shorter);
    CHECK(map.change()->error().code == ErrorCode::FileTruncated);

    // From the end, so that every read finds pages that nobody has replaced yet.
    for (std::size_t page = kPages; page-- > 10;)
        CHECK(at(map, page) == 0);
    CHECK(map.isLost());
    CHECK(at(map, 9) == 10); // what is there is still read
    CHECK(at(map, 0) == 1);
    CHECK_FALSE(whole->isLost());
    CHECK_FALSE(whole->change());

    // The file is whole again, but the zeros stay.
    std::filesystem::resize_file(file.path, kPages * pageBytes());
    REQUIRE(map.change());
    CHECK(map.change()->kind == FileChange::Kind::Unreadable);
    CHECK(map.change()->error().message.find("cut") != std::string::npos);
}

TEST_CASE("many threads may meet lost pages at once, of many files")
{
    surviveLostPages();
    constexpr std::size_t kFiles = 12;
    std::vector<std::unique_ptr<NumberedPages>> files;
    std::vector<MappedFile> maps;
    for (std::size_t i = 0; i < kFiles; ++i) {
        files.push_back(std::make_unique<NumberedPages>("many" + std::to_string(i) + '-'));
        auto map = MappedFile::open(files.back()->path);
        REQUIRE(map);
        maps.push_back(std::move(*map));
    }
    std::atomic<std::size_t> wrong = 0;
    {
        std::vector<std::jthread> threads;
        for (unsigned t = 0; t < 8; ++t) {
            threads.emplace_back([&, t] {
                for (int round = 0; round < 50; ++round) {
                    for (std::size_t f = 0; f < kFiles; ++f) {
                        const std::size_t page = (t * 7 + static_cast<std::size_t>(round)) % kPages;
                        const int value = at(maps[f], page);
                        wrong += value != 0 && value != static_cast<int>(page) + 1;
                    }
                }
            });
        }
        for (std::size_t f = 0; f < kFiles; ++f)
            files[f]->cut(f + 1);
    }
    CHECK(wrong == 0);
    for (std::size_t f = 0; f < kFiles; ++f) {
        CHECK(at(maps[f], f + 1) == 0);
        CHECK(at(maps[f], f) == static_cast<int>(f) + 1);
        CHECK(maps[f].isLost());
    }
}

TEST_CASE("a file that was written to says so until that is accepted")
{
    using namespace std::chrono_literals;
    const NumberedPages file("written");
    auto map = MappedFile::open(file.path);
    REQUIRE(map);
    CHECK_FALSE(map->change());
    std::filesystem::last_write_time(file.path, std::filesystem::last_write_time(file.path) - 1h);
    REQUIRE(map->change());
    CHECK(map->change()->kind == FileChange::Kind::Written);
    map->acceptWritten();
    CHECK_FALSE(map->change());

    // Another file under its name does not touch what is mapped.
    const NumberedPages next("renamed");
    std::filesystem::rename(next.path, file.path);
    CHECK_FALSE(map->change());
    CHECK(at(*map, 63) == 64);
}
