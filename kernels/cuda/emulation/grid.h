#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/cuda/emulation/call_site.h"
#include "kernels/cuda/emulation/fiber.h"
#include "kernels/cuda/emulation/shared_memory.h"
#include "kernels/cuda/emulation/types.h"

namespace ponder::emulation {

inline constexpr unsigned kWarp = 32;

/// What the lanes of a warp do together.
enum class WarpOp : std::uint8_t { Sync, Shuffle, Ballot, Collect, Together };

/// Values of a lane on their way to others.
struct Exchange {
    WarpOp op = WarpOp::Sync;
    std::uint32_t mask = 0;
    unsigned source = 0; ///< Shuffle: the lane that is read
    std::uint64_t value = 0; ///< in, and out
    std::uint64_t* all = nullptr; ///< Collect: [32], every lane's value
    void* mine = nullptr; ///< Together: what run finds of this lane
    void (*run)(void* const (&lanes)[kWarp]) = nullptr; ///< Together: called once
    CallSite where;
};

/// A copy into shared memory that is made when it is waited for.
struct AsyncCopy {
    void* to;
    const void* from; ///< null: zeros
    std::size_t bytes;
    unsigned group;
};

struct Block;

/// A CUDA thread.
struct Thread {
    uint3 index{};
    unsigned linear = 0; ///< in the block
    Block* block = nullptr;
    Fiber fiber;
    enum class State : std::uint8_t {
        Runs,
        AtBarrier,
        InWarp,
        AtGrid,
        AtPrevious, ///< in waitForPrevious(), while the kernel before has not run
        Ended,
    } state
        = State::Runs;
    bool waited = false; ///< for the kernel before it
    Exchange exchange;
    std::vector<AsyncCopy> copies;
    unsigned copyGroup = 0; ///< that the next copy belongs to
};

struct Warp {
    Block* block = nullptr;
    unsigned first = 0; ///< thread of the block
    std::uint32_t ready = 0; ///< lanes that can go on, unstarted ones included
    std::uint32_t unstarted = 0;
    std::uint32_t inWarp = 0; ///< lanes in a warp operation
};

struct Block {
    uint3 index{};
    std::vector<Thread> threads;
    std::vector<Warp*> warps;
    SharedMemory shared;
    unsigned atBarrier = 0;
    unsigned ended = 0;
    unsigned barrierCount = 0; ///< what __syncthreads_count() counts
    unsigned barrierResult = 0;
};

struct Launch {
    std::string_view name;
    const void* kernel = nullptr; ///< the function's address: two kernels may have one name
    dim3 grid, block;
    std::size_t shared = 0; ///< bytes, dynamic
    bool cooperative = false; ///< all blocks run at once and may meet
    bool overlap = false; ///< every thread must wait for the kernel before it
    std::function<void()> body; ///< one thread
};

/// The running thread; null outside of kernels.
extern thread_local Thread* currentThread; // NOLINT
extern thread_local const Launch* currentLaunch; // NOLINT

// What the intrinsics are made of.
unsigned waitAtBarrier(bool counted);
void waitAtGrid();
void exchangeInWarp(Exchange& exchange);
void yieldThread();
/// For the kernel before this one, where this one was launched beside it.
void waitForPrevious();
/// Starts to copy 16 bytes into shared memory. from: null for zeros.
void startCopy(void* to, const void* from);
/// Makes this thread's copies, but for those of the last `pending` groups.
void waitForCopies(unsigned pending);
[[nodiscard]] void* sharedArray(const void* key, std::size_t bytes, std::size_t alignment);
[[nodiscard]] void* dynamicShared();
/// Ends the kernel with this sentence.
[[noreturn]] void failThread(const char* what);
/// Ends the kernel; or the program where none runs.
[[noreturn]] void failMisaligned(const void* address, std::size_t alignment);

/// What hardware does with an address that is no multiple of the width of an access.
inline void checkAligned(const void* address, std::size_t alignment)
{
    if (reinterpret_cast<std::uintptr_t>(address) % alignment != 0) [[unlikely]]
        failMisaligned(address, alignment);
}

} // namespace ponder::emulation
