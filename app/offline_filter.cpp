#include "app/offline_filter.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PONDER_ADDRESS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define PONDER_ADDRESS_SANITIZER
#endif

namespace ponder {

namespace {

// What headers as old as Debian 12's do not name.
constexpr unsigned kNewTime = 0x00000080; // CLONE_NEWTIME, for unshare() alone
constexpr unsigned kFastOpen = 0x20000000; // MSG_FASTOPEN
constexpr unsigned kNewNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC
    | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

/// Adds rules until one fails.
class Rules {
public:
    Rules()
        : m_filter(seccomp_init(SCMP_ACT_ALLOW), seccomp_release)
        , m_error(m_filter ? 0 : -ENOMEM)
    {
    }

    void set(scmp_filter_attr attribute, std::uint32_t value)
    {
        m_error = m_error ? m_error : seccomp_attr_set(m_filter.get(), attribute, value);
    }
    template <typename... Condition> void refuse(int answer, int call, Condition... condition)
    {
        constexpr unsigned conditions = sizeof...(condition);
        m_error = m_error ? m_error
                          : seccomp_rule_add(m_filter.get(), SCMP_ACT_ERRNO(std::uint16_t(answer)),
                                call, conditions, condition...);
    }
    /// Where argument `index` has any of `bits`.
    void refuseBits(int call, unsigned index, unsigned bits)
    {
        for (unsigned bit = 1; bit != 0; bit <<= 1U) {
            if (bits & bit)
                refuse(EPERM, call, scmp_arg_cmp{index, SCMP_CMP_MASKED_EQ, bit, bit});
        }
    }
    /// Where the lower half of argument `index`, all that the kernel reads, is `value`.
    void refuseValue(int call, unsigned index, std::uint32_t value)
    {
        refuse(EPERM, call, scmp_arg_cmp{index, SCMP_CMP_MASKED_EQ, 0xFFFFFFFFU, value});
    }
    [[nodiscard]] int load() { return m_error ? m_error : seccomp_load(m_filter.get()); }

private:
    std::unique_ptr<void, decltype(&seccomp_release)> m_filter;
    int m_error;
};

struct CloseFolder {
    void operator()(DIR* folder) const { closedir(folder); }
};

} // namespace

int installCallFilter()
{
    Rules rules;
    // The 32-bit and x32 entries have other numbers for the same calls: no way in there at all.
    rules.set(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM));
    rules.set(SCMP_FLTATR_CTL_NNP, 1);
    rules.set(SCMP_FLTATR_CTL_TSYNC, 1);

    // No sockets but Unix ones. The kernel reads the family as 32 bits and the filter compares 64:
    // with "not equal" whatever stands in the upper half can only refuse more.
    for (const int call : {SCMP_SYS(socket), SCMP_SYS(socketpair)})
        rules.refuse(EACCES, call, scmp_arg_cmp{0, SCMP_CMP_NE, AF_UNIX, 0});

    // A queue of calls that no filter sees, and other processes' sockets and memory.
    for (const int call :
        {SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register),
            SCMP_SYS(pidfd_getfd), SCMP_SYS(process_vm_writev), SCMP_SYS(process_vm_readv)})
        rules.refuse(EPERM, call);
#ifndef PONDER_ADDRESS_SANITIZER // its search for leaks stops its own threads with ptrace
    rules.refuse(EPERM, SCMP_SYS(ptrace));
#endif

    // Namespaces, in which a process has a network of its own and rights over it. clone3() keeps its
    // flags in memory, where no filter looks: the C library takes ENOSYS for an older kernel, and clone().
    rules.refuse(ENOSYS, SCMP_SYS(clone3));
    rules.refuseBits(SCMP_SYS(clone), 0, kNewNamespaces);
    rules.refuseBits(SCMP_SYS(unshare), 0, kNewNamespaces | kNewTime);
    rules.refuse(EPERM, SCMP_SYS(setns));

    // Devices that are network cards (a tun or a tap becomes one with TUNSETIFF), and typing into the
    // terminal that the program was started from, whose shell is under no filter.
    rules.refuseValue(SCMP_SYS(ioctl), 1, std::uint32_t(TUNSETIFF));
    rules.refuseValue(SCMP_SYS(ioctl), 1, TIOCSTI);
    rules.refuseValue(SCMP_SYS(ioctl), 1, TIOCLINUX);

    // A first packet that needs no connect(), which is all that Landlock looks at.
    rules.refuseBits(SCMP_SYS(sendto), 3, kFastOpen);
    rules.refuseBits(SCMP_SYS(sendmsg), 2, kFastOpen);
    rules.refuseBits(SCMP_SYS(sendmmsg), 3, kFastOpen);

    // What has the kernel itself go out: file systems of other machines, the key "dns_resolver", code
    // that is loaded into it, hardware in the raw. Most of it is for root alone, who may run Ponder too.
    for (const int call :
        {SCMP_SYS(mount), SCMP_SYS(move_mount), SCMP_SYS(open_tree), SCMP_SYS(fsopen),
            SCMP_SYS(fsconfig), SCMP_SYS(fsmount), SCMP_SYS(add_key), SCMP_SYS(request_key),
            SCMP_SYS(keyctl), SCMP_SYS(bpf), SCMP_SYS(init_module), SCMP_SYS(finit_module),
            SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load), SCMP_SYS(iopl), SCMP_SYS(ioperm)})
        rules.refuse(EPERM, call);
    return rules.load();
}

bool enterLandlock()
{
    // As <linux/landlock.h> has them from version 4 of its interface on (Linux 6.7). Nothing is said of
    // files: a domain that minds them refuses renaming from one folder into another.
    struct Ruleset {
        std::uint64_t files;
        std::uint64_t network;
    };
    constexpr std::uint64_t kBindTcp = 1;
    constexpr std::uint64_t kConnectTcp = 2;
    constexpr long kCreateRuleset = 444;
    constexpr long kRestrictSelf = 446;
    constexpr int kTellVersion = 1;

    if (syscall(kCreateRuleset, nullptr, 0, kTellVersion) < 4)
        return false;
    const Ruleset refused = {0, kBindTcp | kConnectTcp}; // and no rule that allows a port
    const long ruleset = syscall(kCreateRuleset, &refused, sizeof refused, 0);
    if (ruleset < 0)
        return false;
    const bool entered = syscall(kRestrictSelf, ruleset, 0) == 0;
    close(int(ruleset));
    return entered;
}

void closeInheritedSockets()
{
    const std::unique_ptr<DIR, CloseFolder> folder(opendir("/proc/self/fd"));
    if (!folder)
        return;
    while (const dirent* entry = readdir(folder.get())) {
        const char* name = entry->d_name;
        int descriptor = -1;
        if (std::from_chars(name, name + std::strlen(name), descriptor).ec != std::errc())
            continue;
        int family = AF_UNIX;
        socklen_t size = sizeof family;
        if (getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &size) != 0 || family == AF_UNIX)
            continue;
        // The number stays taken: standard output that is closed would be the next file that is opened.
        if (const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC); nothing >= 0) {
            dup3(nothing, descriptor, descriptor > 2 ? O_CLOEXEC : 0);
            close(nothing);
        } else {
            close(descriptor);
        }
    }
}

} // namespace ponder
