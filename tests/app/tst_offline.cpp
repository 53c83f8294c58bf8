// The filter holds for the whole process and for good, so that what must be seen without it is seen
// in a child of its own, before.
#include "app/offline.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <arpa/inet.h>
#include <csignal>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <filesystem>
#include <linux/if_tun.h>
#include <netinet/in.h>
#include <sched.h>
#include <spawn.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
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

/// A socket that listens on this machine's own loopback, and where.
struct Listener {
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};

    Listener()
    {
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* where = reinterpret_cast<sockaddr*>(&address);
        REQUIRE(bind(descriptor, where, size) == 0);
        REQUIRE(listen(descriptor, 4) == 0);
        REQUIRE(getsockname(descriptor, where, &size) == 0);
    }
    ~Listener() { close(descriptor); }

    [[nodiscard]] int connectedBy(int other) const
    {
        return connect(other, reinterpret_cast<const sockaddr*>(&address), sizeof address) ? errno
                                                                                           : 0;
    }
};

void handOver(int channel, int descriptor)
{
    char byte = 0;
    iovec data = {&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control = {};
    msghdr message = {};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    CHECK(sendmsg(channel, &message, 0) == 1);
}

int takeOver(int channel)
{
    char byte = 0;
    iovec data = {&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control = {};
    msghdr message = {};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    int descriptor = -1;
    if (recvmsg(channel, &message, 0) == 1)
        std::memcpy(&descriptor, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof descriptor);
    return descriptor;
}

/// What `probe(descriptor)` returns in a sealed child process, to which a fresh internet socket is handed
/// over once it is sealed.
template <typename Probe> int withSocketHandedOver(bool seal, Probe probe)
{
    std::array<int, 2> channel = {};
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, channel.data()) == 0);
    const int result = [&] {
        const pid_t child = fork();
        if (child == 0) {
            close(channel[1]);
            if (seal && !ponder::sealNetwork().sealed)
                _exit(254);
            _exit(probe(takeOver(channel[0])));
        }
        const int handed = socket(AF_INET, SOCK_STREAM, 0);
        handOver(channel[1], handed);
        close(handed);
        int status = 0;
        waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
    }();
    close(channel[0]);
    close(channel[1]);
    return result;
}

bool isDevNull(int descriptor)
{
    struct stat here = {};
    struct stat null = {};
    return fstat(descriptor, &here) == 0 && stat("/dev/null", &null) == 0 && S_ISCHR(here.st_mode)
        && here.st_rdev == null.st_rdev;
}

/// The errno of a call that failed, 0 of one that did not.
int answerTo(long result)
{
    return result == -1 ? errno : 0;
}

constexpr int kFastOpen = 0x20000000; // MSG_FASTOPEN

/// Whether this kernel has Landlock's rules for the network.
bool hasLandlock()
{
    return syscall(444, nullptr, 0, 1) >= 4;
}

} // namespace

// First in this file, and run first: doctest goes by file and line.
TEST_CASE("without the filter an internet socket opens, so that what follows proves something")
{
    REQUIRE(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
    CHECK(inChild([] { return trySocket(AF_INET, SOCK_STREAM); }) == 0);
}

TEST_CASE("internet sockets that the process was born with are gone, Unix ones stay")
{
    CHECK(inChild([] {
        const Listener listener;
        std::array<int, 2> pair = {};
        const int connected = socket(AF_INET, SOCK_STREAM, 0);
        const int datagrams = socket(AF_INET6, SOCK_DGRAM, 0);
        if (listener.connectedBy(connected) != 0 || dup2(connected, 0) != 0
            || socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) != 0)
            return 1;
        if (!ponder::sealNetwork().sealed)
            return 2;
        for (const int inherited : {0, connected, datagrams, listener.descriptor}) {
            if (!isDevNull(inherited))
                return 3;
        }
        return write(pair[0], "x", 1) == 1 ? 42 : 4;
    }) == 42);
}

TEST_CASE("a socket that another program hands over can neither connect nor listen")
{
    const Listener listener;
    const auto connecting = [&](int handed) { return listener.connectedBy(handed); };
    const auto binding = [](int handed) {
        sockaddr_in any = {};
        any.sin_family = AF_INET;
        return answerTo(bind(handed, reinterpret_cast<const sockaddr*>(&any), sizeof any));
    };
    const auto sendingFirst = [&](int handed) {
        return answerTo(sendto(handed, "x", 1, kFastOpen,
            reinterpret_cast<const sockaddr*>(&listener.address), sizeof listener.address));
    };
    const auto sendingMessage = [&](int handed) {
        sockaddr_in address = listener.address;
        char byte = 0;
        iovec data = {&byte, 1};
        msghdr message = {};
        message.msg_name = &address;
        message.msg_namelen = sizeof address;
        message.msg_iov = &data;
        message.msg_iovlen = 1;
        return answerTo(sendmsg(handed, &message, kFastOpen));
    };
    CHECK(withSocketHandedOver(false, connecting) == 0); // it could, without the seal
    CHECK(withSocketHandedOver(false, binding) == 0);
    CHECK(withSocketHandedOver(true, sendingFirst) == EPERM);
    CHECK(withSocketHandedOver(true, sendingMessage) == EPERM);
    if (!hasLandlock()) {
        MESSAGE("SKIPPED: this kernel is older than 6.7 or has Landlock switched off: a TCP socket "
                "that is handed over stays open");
        return;
    }
    CHECK(withSocketHandedOver(true, connecting) == EACCES);
    CHECK(withSocketHandedOver(true, binding) == EACCES);
    CHECK(inChild([] { return ponder::sealNetwork().landlock ? 42 : 1; }) == 42);
}

TEST_CASE("the memory of a program outside cannot be opened")
{
    const std::string memory = "/proc/" + std::to_string(getpid()) + "/mem";
    const auto opening = [&] { return answerTo(open(memory.c_str(), O_RDWR | O_CLOEXEC)); };
    if (!hasLandlock() || inChild(opening) != 0) {
        MESSAGE("SKIPPED: this kernel has no Landlock, or refuses it to everybody");
        return;
    }
    CHECK(inChild([&] { return ponder::sealNetwork().sealed ? opening() : 254; }) == EACCES);
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

TEST_CASE("other programs cannot be driven: no ptrace, no writing into their memory")
{
    REQUIRE(sealed().sealed);
    std::array<char, 8> bytes = {};
    const iovec here = {bytes.data(), bytes.size()};
    for (const long call : {SYS_process_vm_writev, SYS_process_vm_readv})
        CHECK(answerTo(syscall(call, getpid(), &here, 1, &here, 1, 0)) == EPERM);
#if defined(PONDER_SANITIZED)
    MESSAGE("SKIPPED: the sanitizer's search for leaks needs ptrace");
#else
    CHECK(inChild([] { return answerTo(ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); }) == EPERM);
#endif
}

TEST_CASE("no new namespaces, by any of the four calls that make or enter one")
{
    REQUIRE(sealed().sealed);
    for (const int kind : {CLONE_NEWUSER, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUTS,
             CLONE_NEWIPC, CLONE_NEWCGROUP}) {
        CAPTURE(kind);
        CHECK(inChild([kind] { return answerTo(unshare(kind)); }) == EPERM);
        CHECK(inChild([kind] { return answerTo(unshare(CLONE_FS | kind)); }) == EPERM);
        CHECK(answerTo(syscall(SYS_clone, kind | SIGCHLD, nullptr, nullptr, nullptr, 0)) == EPERM);
    }
    constexpr int kNewTime = 0x80;
    CHECK(inChild([] { return answerTo(unshare(kNewTime)); }) == EPERM);
    CHECK(answerTo(syscall(SYS_clone3, nullptr, 0)) == ENOSYS);
    const int own = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
    REQUIRE(own >= 0);
    CHECK(answerTo(setns(own, 0)) == EPERM);
    close(own);
}

TEST_CASE("threads and programs start all the same, and what is no namespace may be left")
{
    REQUIRE(sealed().sealed);
    int done = 0;
    std::thread([&] { done = 42; }).join();
    CHECK(done == 42);
    std::string name = "true";
    std::array<char*, 2> arguments = {name.data(), nullptr};
    pid_t child = 0;
    REQUIRE(posix_spawnp(&child, "true", nullptr, nullptr, arguments.data(), environ) == 0);
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(std::system("exit 7") == 7 << 8);
    CHECK(inChild([] { return answerTo(unshare(CLONE_FILES | CLONE_FS)); }) == 0);
}

TEST_CASE("no device becomes a network card, and nothing is typed into the terminal")
{
    REQUIRE(sealed().sealed);
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    REQUIRE(null >= 0);
    char letter = 'x';
    CHECK(answerTo(ioctl(null, TUNSETIFF, &letter)) == EPERM); // ENOTTY without the filter
    CHECK(answerTo(ioctl(null, TIOCSTI, &letter)) == EPERM);
    CHECK(answerTo(ioctl(null, TIOCLINUX, &letter)) == EPERM);
    // The kernel looks at 32 bits of the request only.
    CHECK(answerTo(syscall(SYS_ioctl, null, (1L << 32) + long(TUNSETIFF), &letter)) == EPERM);
    CHECK(answerTo(ioctl(null, TCGETS, &letter)) == ENOTTY);
    close(null);
}

TEST_CASE("the kernel is not asked to go out itself")
{
    REQUIRE(sealed().sealed);
    for (const long call : {SYS_mount, SYS_fsopen, SYS_fsmount, SYS_move_mount, SYS_open_tree,
             SYS_add_key, SYS_request_key, SYS_keyctl, SYS_bpf, SYS_init_module, SYS_finit_module,
             SYS_kexec_load, SYS_kexec_file_load, SYS_iopl, SYS_ioperm}) {
        CAPTURE(call);
        CHECK(answerTo(syscall(call, 0, 0, 0, 0, 0, 0)) == EPERM);
    }
}

TEST_CASE("files go on as before: one is renamed from one folder into another")
{
    REQUIRE(sealed().sealed);
    namespace fs = std::filesystem;
    std::string pattern = (fs::temp_directory_path() / "ponder-offline-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()));
    const fs::path folder = pattern;
    fs::create_directories(folder / "from");
    fs::create_directories(folder / "to");
    std::error_code error;
    CHECK(close(open((folder / "from/file").c_str(), O_CREAT | O_WRONLY, 0600)) == 0);
    fs::rename(folder / "from/file", folder / "to/file", error);
    CHECK(error.message() == std::error_code().message());
    fs::create_hard_link(folder / "to/file", folder / "from/again", error);
    CHECK(error.message() == std::error_code().message());
    fs::remove_all(folder);
}
