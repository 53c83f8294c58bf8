#include "app/offline.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <seccomp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ponder {

namespace {

struct Family {
    const char* name;
    int domain;
    int type;
};

constexpr std::array<Family, 5> kFamilies = {{
    {"IPv4", AF_INET, SOCK_STREAM},
    {"IPv6", AF_INET6, SOCK_STREAM},
    {"packet", AF_PACKET, SOCK_DGRAM},
    {"netlink", AF_NETLINK, SOCK_RAW},
    {"Unix", AF_UNIX, SOCK_STREAM},
}};

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

/// Fills and loads the filter. Returns 0, or what went wrong as a negative errno.
int load(scmp_filter_ctx filter)
{
    const auto refuse
        = [filter](int call) { return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0); };
    // The kernel reads the family as 32 bits and the filter compares 64: with "not equal" whatever
    // stands in the upper half can only refuse more.
    const auto onlyUnix = [filter](int call) {
        return seccomp_rule_add(
            filter, SCMP_ACT_ERRNO(EACCES), call, 1, SCMP_A0(SCMP_CMP_NE, AF_UNIX));
    };
    // The 32-bit and x32 entries have other numbers for the same calls: no way in there at all.
    int error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM));
    error = error ? error : seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 1);
    error = error ? error : seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    error = error ? error : onlyUnix(SCMP_SYS(socket));
    error = error ? error : onlyUnix(SCMP_SYS(socketpair));
    for (const int call : {SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
             SCMP_SYS(io_uring_register), SCMP_SYS(pidfd_getfd)}) {
        error = error ? error : refuse(call);
    }
    return error ? error : seccomp_load(filter);
}

} // namespace

std::vector<SocketProbe> probeSockets()
{
    std::vector<SocketProbe> probes;
    for (const Family& family : kFamilies) {
        const int descriptor = socket(family.domain, family.type | SOCK_CLOEXEC, 0);
        const int error = errno;
        if (descriptor >= 0)
            close(descriptor);
        probes.push_back(
            {family.name, descriptor >= 0, descriptor >= 0 ? std::string() : std::strerror(error)});
    }
    return probes;
}

OfflineStatus sealNetwork()
{
    OfflineStatus status;
    const Filter filter(seccomp_init(SCMP_ACT_ALLOW), seccomp_release);
    const int error = filter ? load(filter.get()) : -ENOMEM;
    status.probes = probeSockets();
    if (error) {
        status.reason = std::string("This system did not take the filter that closes the network (")
            + std::strerror(-error)
            + "). Ponder itself still opens no connection, but nothing enforces it.";
        return status;
    }
    for (const SocketProbe& probe : status.probes) {
        if (probe.allowed && probe.family != "Unix") {
            status.reason = "The filter is in, and yet a socket of the kind " + probe.family
                + " opened. Please report this.";
            return status;
        }
    }
    status.sealed = true;
    return status;
}

} // namespace ponder
