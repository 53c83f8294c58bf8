#include "app/offline.h"

#include "app/offline_filter.h"

#include <array>
#include <cerrno>
#include <cstring>

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
    closeInheritedSockets();
    const int error = installCallFilter();
    status.landlock = !error && enterLandlock();
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
