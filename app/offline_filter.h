#pragma once

namespace ponder {

/// Installs the filter of system calls for this process, for good, in all of its threads and
/// in everything that it starts. Returns 0, or a negative errno.
[[nodiscard]] int installCallFilter();

/// Landlock's domain, where the kernel has it: TCP is refused on sockets that came from elsewhere too, and
/// the memory of programs outside cannot be opened. Holds for this thread and those that it starts.
/// Precondition: installCallFilter() succeeded. Returns false where the kernel has no such thing.
[[nodiscard]] bool enterLandlock();

/// Replaces by /dev/null every socket that this process was started with and that is no Unix socket.
void closeInheritedSockets();

} // namespace ponder
