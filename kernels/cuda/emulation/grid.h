#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kernels/cuda/emulation/fiber.h"
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
    enum class State : std::uint8_t { Runs, AtBarrier, InWarp, AtGrid, Ended } state = State::Runs;
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

/// Memory of a block, poisoned at its start, with a canary on both sides of every array.
class SharedMemory {
public:
    /// The array behind a key, made at the first call. Null: more than a block may have.
    [[nodiscard]] void* array(const void* key, std::size_t bytes);
    /// What was written past an array; empty when all is well.
    [[nodiscard]] std::string check() const;
    void clear();

private:
    struct Array {
        std::unique_ptr<std::byte[]> memory;
        std::size_t bytes = 0;
        [[nodiscard]] std::byte* data() const;
    };
    std::unordered_map<const void*, Array> m_arrays;
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
    dim3 grid, block;
    std::size_t shared = 0; ///< bytes, dynamic
    bool cooperative = false; ///< all blocks run at once and may meet
    bool overlap = false; ///< every thread must wait for the kernel before it
    std::function<void()> body; ///< one thread
};

/// Whose turn it is when several threads could go on.
enum class Order { Forward, Backward };

/// Runs a kernel. Returns what it did wrong, or nothing.
[[nodiscard]] std::string runGrid(const Launch& launch, Order order, FiberStacks& stacks);

/// The running thread; null outside of kernels.
extern thread_local Thread* currentThread; // NOLINT
extern thread_local const Launch* currentLaunch; // NOLINT

// What the intrinsics are made of.
unsigned waitAtBarrier(bool counted);
void waitAtGrid();
void exchangeInWarp(Exchange& exchange);
void yieldThread();
/// Makes this thread's copies, but for those of the last `pending` groups.
void waitForCopies(unsigned pending);
[[nodiscard]] void* sharedArray(const void* key, std::size_t bytes);
[[nodiscard]] void* dynamicShared();
/// Ends the kernel with this sentence.
[[noreturn]] void failThread(const char* what);

} // namespace ponder::emulation
