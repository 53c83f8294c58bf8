#pragma once

namespace ponder {

/// The kernel's list of what this process may not ask for, from now on and for good, in all of its threads and
/// in everything that it starts. Returns 0, or what went wrong as a negative errno.
[[nodiscard]] int installCallFilter();

/// Landlock's domain, where the kernel has it: TCP is refused on sockets that came from elsewhere too, and
/// the memory of programs outside cannot be opened. Holds for this thread and those that it starts.
/// Precondition: installCallFilter() succeeded. Returns false where the kernel has no such thing.
[[nodiscard]] bool enterLandlock();

/// Puts /dev/null in the place of every socket that this process was born with and that is no Unix socket.
void closeInheritedSockets();

} // namespace ponder
