#pragma once

#include <string>
#include <vector>

namespace ponder {

/// The result of opening one kind of socket.
struct SocketProbe {
    std::string family; ///< "IPv4", "IPv6", "packet", "netlink", "Unix"
    bool allowed = false; ///< the socket opened (it was closed again at once)
    std::string answer; ///< the kernel's own words, "Permission denied"; empty when allowed
};

/// Whether this process is closed to the network, and how one knows.
struct OfflineStatus {
    bool sealed = false; ///< every probe except Unix was refused after the filter was installed
    bool landlock = false; ///< also, sockets that another program hands over can do no TCP
    std::string reason; ///< a sentence on why not, when not sealed; empty otherwise
    std::vector<SocketProbe> probes; ///< what was tried after the filter was installed
};

/// Closes this process, all of its threads and everything it will ever start to the network, for
/// good: a seccomp filter under which the kernel refuses every socket but Unix ones (the display
/// and the desktop's bus need those) with EACCES, and what could get around it with EPERM: io_uring,
/// other processes' descriptors and memory, new namespaces, network devices, the terminal's input,
/// the 32-bit and x32 ways into the kernel. Internet sockets that the process was started with are
/// replaced by /dev/null. Where the kernel has Landlock's rules for the network (6.7), they are added.
/// To be called first in main, while there is one thread. Where the kernel has no seccomp the
/// process changes only those sockets, and the status says so.
[[nodiscard]] OfflineStatus sealNetwork();

/// Asks the kernel for one socket of each kind, now, and closes what opens. Cheap (microseconds),
/// so that the window can show a new proof at any time. Thread safe.
[[nodiscard]] std::vector<SocketProbe> probeSockets();

} // namespace ponder
