// The filter holds for the whole process and for good, so that what must be seen without it is seen
// in a child of its own, before.
#include "app/offline.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

using ponder::OfflineStatus;
using ponder::SocketProbe;

namespace {

/// 0 when such a socket opens, the errno otherwise.
int trySocket(int domain, int type)
{
    const int descriptor = socket(domain, type, 0);
    if (descriptor < 0)
        return errno;
    close(descriptor);
    return 0;
}

/// What `probe` returns in a child process.
template <typename Probe> int inChild(Probe probe)
{
    const pid_t child = fork();
    if (child == 0)
        _exit(probe());
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

const OfflineStatus& sealed()
{
    static const OfflineStatus status = ponder::sealNetwork();
    return status;
}

/// socket(domain, SOCK_STREAM, 0) through the 32-bit way into the kernel: the result, or -errno.
long socketBy32Bits(int domain)
{
    long result = 359; // socket, in the numbers of 32-bit x86
    asm volatile("int $0x80"
        : "+a"(result)
        : "b"(static_cast<long>(domain)), "c"(static_cast<long>(SOCK_STREAM)), "d"(0L)
        : "memory", "r8", "r9", "r10", "r11");
    return static_cast<int>(result);
}

} // namespace

// First in this file, and run first: doctest goes by file and line.
TEST_CASE("without the filter an internet socket opens, so that what follows proves something")
{
    REQUIRE(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
    CHECK(inChild([] { return trySocket(AF_INET, SOCK_STREAM); }) == 0);
}

TEST_CASE("a thread that was there before the filter is under it too")
{
    int before = -1;
    int after = -1;
    std::array<int, 2> go = {};
    std::array<int, 2> ready = {};
    REQUIRE(pipe(go.data()) == 0);
    REQUIRE(pipe(ready.data()) == 0);
    std::thread early([&] {
        char byte = 0;
        before = trySocket(AF_INET, SOCK_STREAM);
        if (write(ready[1], &byte, 1) == 1 && read(go[0], &byte, 1) == 1)
            after = trySocket(AF_INET, SOCK_STREAM);
    });
    char byte = 0;
    CHECK(read(ready[0], &byte, 1) == 1);
    const bool isSealed = sealed().sealed;
    CHECK(write(go[1], &byte, 1) == 1);
    early.join();
    CHECK(isSealed);
    CHECK(before == 0);
    CHECK(after == EACCES);
    for (const int end : {go[0], go[1], ready[0], ready[1]})
        close(end);
}

TEST_CASE("the status says sealed, and its probes say how one knows")
{
    CHECK(sealed().sealed);
    CHECK(sealed().reason.empty());
    REQUIRE(sealed().probes.size() == 5);
    for (const SocketProbe& probe : ponder::probeSockets()) {
        CAPTURE(probe.family);
        CHECK(probe.allowed == (probe.family == "Unix"));
        CHECK(probe.answer == (probe.family == "Unix" ? "" : "Permission denied"));
    }
}

TEST_CASE("every kind of internet socket is refused, whatever its flags")
{
    REQUIRE(sealed().sealed);
    for (const int domain : {AF_INET, AF_INET6, AF_PACKET, AF_NETLINK, AF_VSOCK, AF_BLUETOOTH}) {
        for (const int type :
            {int(SOCK_STREAM), int(SOCK_DGRAM), int(SOCK_RAW), SOCK_STREAM | SOCK_CLOEXEC}) {
            CAPTURE(domain);
            CAPTURE(type);
            CHECK(trySocket(domain, type) == EACCES);
        }
    }
    // The kernel looks at 32 bits of the family only, so 2^32 + AF_INET is AF_INET to it.
    CHECK(syscall(SYS_socket, (1L << 32) + AF_INET, SOCK_STREAM, 0) == -1);
    CHECK(errno == EACCES);
}

TEST_CASE("Unix sockets work: the display and the desktop's bus need them")
{
    REQUIRE(sealed().sealed);
    std::array<int, 2> pair = {};
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) == 0);
    CHECK(write(pair[0], "ponder", 6) == 6);
    std::array<char, 8> text = {};
    CHECK(read(pair[1], text.data(), text.size()) == 6);
    CHECK(std::strcmp(text.data(), "ponder") == 0);
    close(pair[0]);
    close(pair[1]);

    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, "ponder-tst-offline", 18); // an abstract name: no file
    const int server = socket(AF_UNIX, SOCK_STREAM, 0);
    const int client = socket(AF_UNIX, SOCK_STREAM, 0);
    const auto* where = reinterpret_cast<const sockaddr*>(&address);
    REQUIRE(bind(server, where, sizeof address) == 0);
    REQUIRE(listen(server, 1) == 0);
    CHECK(connect(client, where, sizeof address) == 0);
    close(client);
    close(server);
}

TEST_CASE("whatever the process starts is under the filter as well")
{
    REQUIRE(sealed().sealed);
    CHECK(inChild([] { return trySocket(AF_INET, SOCK_STREAM); }) == EACCES);
    CHECK(inChild([] {
        const char* const program = "import socket, sys\n"
                                    "try: socket.socket()\n"
                                    "except PermissionError: sys.exit(42)\n";
        execlp("python3", "python3", "-c", program, nullptr);
        return 127;
    }) == 42);
}

TEST_CASE("the ways around are closed: io_uring, other processes' descriptors, 32 bits, x32")
{
    REQUIRE(sealed().sealed);
    std::array<char, 256> parameters = {};
    CHECK(syscall(SYS_io_uring_setup, 1, parameters.data()) == -1);
    CHECK(errno == EPERM);
    CHECK(syscall(SYS_pidfd_getfd, -1, 0, 0) == -1);
    CHECK(errno == EPERM);
    // Where the kernel has no 32-bit way in, the child is killed on its way there: 255.
    const int by32Bits = inChild([] { return static_cast<int>(-socketBy32Bits(AF_INET)); });
    CHECK((by32Bits == EPERM || by32Bits == 255));
    CHECK(syscall(0x40000000L + SYS_socket, AF_INET, SOCK_STREAM, 0) == -1);
    CHECK(errno == EPERM);
    CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
}
