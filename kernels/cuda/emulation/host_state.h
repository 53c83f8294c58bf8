#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "kernels/cuda/emulation/grid_run.h"
#include "kernels/cuda/emulation/host_api.h"
#include "kernels/cuda/emulation/machine.h"

// What the host's calls share; for the sources host_*.cpp alone.

namespace ponder::emulation {

/// What a stream was given.
struct Work {
    std::function<void()> run; ///< what is no kernel
    std::shared_ptr<const Launch> kernel;
    bool hasAttribute = false; ///< the kernel's shared memory was asked for when this was queued
    const Stream* recordedIn = nullptr; ///< in a graph: the stream that recorded it
    bool isApart = false; ///< waits for all before it, even if it could overlap
};

struct Graph {
    std::vector<Work> nodes;
    // While it is recorded:
    bool isRecording = false;
    bool isInvalid = false; ///< something was called that must not be
    cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
    std::thread::id recorder;
};

struct Stream {
    std::deque<Work> queue;
    std::size_t queued = 0; // since the beginning
    std::size_t done = 0;
    std::unique_ptr<Grid> ahead; // the first kernel of the queue, where it has begun already
    int answersNotReady = -1; // that queries still give; negative: not yet known
    std::shared_ptr<Graph> capture; // into which it records
    bool captureOrigin = false;
};

struct Event {
    Stream* stream = nullptr;
    std::size_t position = 0; // in stream
    int answersNotReady = 0; // that queries still give
    std::shared_ptr<Graph> capture; // that it was recorded in
    std::chrono::steady_clock::time_point time;
};

struct Allocation {
    std::unique_ptr<std::byte[]> memory;
    std::size_t bytes = 0;
    bool device = false;
};

/// What a device knows of a kernel.
struct Function {
    std::string name; ///< empty until it was launched
    bool isLoaded = false;
    std::size_t staticShared = 0; ///< the most that a block had so far
    int maxDynamicShared = -1; ///< negative: never set
    int carveout = cudaSharedmemCarveoutDefault;
};

struct State {
    Machine machine = Machine::asNew();
    cudaError_t sticky = cudaSuccess; // the device is lost
    cudaError_t last = cudaSuccess;
    int device = 0;
    std::set<int> contexts; // devices that have one
    Dice dice{machine.seed};
    std::map<std::pair<int, const void*>, Function> functions; // of a device
    std::map<const std::byte*, Allocation> memory;
    FiberStacks stacks; // outlives the grids that have some of them
    std::vector<std::unique_ptr<Stream>> streams;
    Stream nullStream;

    /// 0 to count - 1, by the machine's seed.
    std::size_t roll(std::size_t count) { return Dice(dice.next() + machine.seed).below(count); }
};
[[nodiscard]] State& state();

/// What a call returns, which is kept for cudaGetLastError().
cudaError_t result(cudaError_t error);
/// The same of a call that nobody who knows CUDA would make.
cudaError_t wrong(cudaError_t error, const std::string& what);

[[nodiscard]] Stream& streamOf(cudaStream_t stream);
cudaError_t enqueue(cudaStream_t stream, Work work);
cudaError_t enqueue(cudaStream_t stream, std::function<void()> run);
void drain(Stream& stream, std::size_t upTo);
void drainAll();

/// The recording of this thread during which it must not wait nor take memory. Null: none.
[[nodiscard]] Graph* recordingHere();
/// Ends a recording as CUDA does: it goes on until cudaStreamEndCapture() says that it is worth nothing.
cudaError_t spoil(Graph& recording, const std::string& what);
/// return from a call that is illegal while this thread records
#define PONDER_REFUSE_WHILE_RECORDING(call)                                                        \
    do {                                                                                           \
        if (Graph* const recording = recordingHere(); recording != nullptr)                        \
            return spoil(*recording, call " was called while a stream records");                   \
    } while (false)

/// Why a kernel cannot be launched as it is now; empty: it can.
[[nodiscard]] std::string refusal(const Launch& launch);
/// Whether the kernel's attribute was ever set.
[[nodiscard]] bool hasAttribute(const Launch& launch);
/// Runs a kernel, of which blocks may have begun.
void runKernel(const Work& work, Grid& grid);
[[nodiscard]] std::unique_ptr<Grid> makeGrid(const std::shared_ptr<const Launch>& launch);

} // namespace ponder::emulation
