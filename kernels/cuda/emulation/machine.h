#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/cuda/emulation/host_api.h"

namespace ponder::emulation {

struct Launch;

/// Whose turn it is when several threads, blocks or streams could go on.
enum class Order {
    Forward,
    Backward,
    Random, ///< after a seed, at every place where threads meet
};

/// When a copy into shared memory (cp.async) is made.
enum class Copies {
    WhenWaitedFor, ///< as late as may be: who reads too early finds nothing
    AtOnce, ///< as early as may be: who overwrites what is still read is found out
};

/// What <<<>>> does: the launch's body runs later, when somebody waits for the stream.
[[nodiscard]] cudaError_t launchKernel(const Launch& launch, cudaStream_t stream);

/// The emulated machine: one for the program, used by one thread at a time. Work that was given to a
/// stream runs when somebody waits for it, so that code that forgets to wait is found out.
struct Machine {
    int devices = 1;
    std::size_t memory = std::size_t{2} << 30; ///< bytes, of each device
    /// Bytes a block may have, dynamic and static. Says what GPU it is: up to 99 KiB compute
    /// capability 8.9, up to 163 KiB 8.0, else 9.0.
    std::size_t sharedPerBlock = std::size_t{227} * 1024;
    Order order = Order::Forward;
    std::uint64_t seed = 1; ///< of all that is random
    Copies copies = Copies::WhenWaitedFor;
    /// Blocks of a kernel that is launched beside the one before run up to waitForPrevious() before
    /// that one does anything.
    bool overlaps = true;

    /// After so many more launches every call fails with this error; negative: never.
    long launchesUntilLoss = -1;
    cudaError_t loss = cudaErrorLaunchFailure;
    /// After so many more allocations one fails with cudaErrorMemoryAllocation; negative: never.
    long allocationsUntilFull = -1;

    /// NVIDIA's management library is installed: it says what is free without a context.
    bool hasManagement = true;

    // What happened so far.
    std::vector<std::string> failures; ///< what kernels and calls did wrong, a sentence each
    std::size_t launches = 0;
    std::size_t graphLaunches = 0;
    std::size_t deviceBytes = 0; ///< allocated now
    std::size_t hostBytes = 0; ///< pinned now

    /// As the environment wants it; see README.md.
    [[nodiscard]] static Machine asNew();
};
[[nodiscard]] Machine& machine();

/// Whether something made a context on a device: memory, a stream, or that it was chosen.
[[nodiscard]] bool hasContext(int device);
/// Bytes of a device that nobody took.
[[nodiscard]] std::size_t freeBytes(int device);

/// A machine as new: what was queued is dropped, errors are forgotten. Memory and handles stay valid,
/// kernels stay loaded and keep their attributes.
void resetMachine();

} // namespace ponder::emulation
