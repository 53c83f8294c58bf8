#include "kernels/cuda/runtime/launch.h"

#include <algorithm>
#include <set>

#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/device/warp.h"
#include "tests/kernels/cuda/complaint.h"

// The orders in which threads, blocks, kernels and streams of the emulation run, and the faults that
// show in one of them alone.

using namespace ponder::kernels::cuda;
namespace emulation = ponder::emulation;

namespace {

constexpr std::size_t kKiB = 1024;

// Right where threads run forwards or backwards: neither end is in the middle.
__global__ void racesForTheMiddle(unsigned* out)
{
    PONDER_SHARED_VALUE(unsigned, first);
    if (threadIdx.x == 0)
        first = 1000;
    __syncthreads();
    if (first == 1000)
        first = threadIdx.x;
    __syncthreads();
    if (threadIdx.x == 0)
        out[0] = first > 0 && first < blockDim.x - 1 ? 1 : 0;
}

__global__ void noteBlocks(unsigned* count, unsigned* order)
{
    order[*count] = blockIdx.x;
    *count += 1;
}

__global__ void noteLanes(unsigned* count, unsigned* order)
{
    __syncwarp();
    order[*count] = threadIdx.x;
    *count += 1;
}

__global__ void fill(int* values, int value)
{
    values[blockIdx.x * blockDim.x + threadIdx.x] = value;
}

__global__ void doubles(const int* from, int* to)
{
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    waitForPrevious();
    to[i] = 2 * from[i];
}

__global__ void readsTooEarly(const int* from, int* to)
{
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    const int value = from[i];
    waitForPrevious();
    to[i] = 2 * value;
}

__global__ void writesTooEarly(int* from)
{
    from[blockIdx.x * blockDim.x + threadIdx.x] = -1;
    waitForPrevious();
}

__global__ void copies(const int* from, int* to)
{
    waitForPrevious();
    to[blockIdx.x * blockDim.x + threadIdx.x] = from[blockIdx.x * blockDim.x + threadIdx.x];
}

// Some of the block are held while the others are at a barrier, others never come to it.
__global__ void meetsBeforeItWaits(const int* from, int* to)
{
    PONDER_SHARED_ARRAY(int, shared, 64);
    shared[threadIdx.x] = static_cast<int>(threadIdx.x);
    __syncthreads();
    const int other = shared[63 - threadIdx.x];
    if (threadIdx.x < 32)
        waitForPrevious();
    __syncthreads();
    if (threadIdx.x >= 32)
        waitForPrevious();
    to[blockIdx.x * 64 + threadIdx.x] = from[blockIdx.x * 64 + threadIdx.x] + other;
}

__global__ void failsEarly()
{
    PONDER_SHARED_ARRAY(unsigned char, bytes, 4);
    volatile unsigned char* all = &bytes[0];
    all[4] = 1;
    waitForPrevious();
}

__global__ void appends(int* count, int* order, int what)
{
    order[*count] = what;
    *count += 1;
}

/// A machine of which overlapped launches may be asked.
struct OverlappingGpu : EmulatedGpu {
    OverlappingGpu()
    {
        emulation::machine().sharedPerBlock = 227 * kKiB;
        emulation::machine().overlaps = true;
    }
};

/// What fill and a kernel after it write, launched at once or recorded.
template <typename Then>
std::vector<int> behindFill(
    bool recorded, const OnDevice<int>& values, const OnDevice<int>& out, const Then& then)
{
    auto stream = Stream::create();
    REQUIRE(stream.has_value());
    REQUIRE(PONDER_LAUNCH(fill, 5, 64, 0, stream->get(), values.data(), 1).ok());
    REQUIRE(then(stream->get()).ok()); // loads it
    REQUIRE(stream->wait().ok());
    const auto queue = [&] {
        REQUIRE(PONDER_LAUNCH(fill, 5, 64, 0, stream->get(), values.data(), 7).ok());
        REQUIRE(then(stream->get()).ok());
    };
    if (recorded) {
        auto recorder = GraphRecorder::begin(stream->get());
        REQUIRE(recorder.has_value());
        queue();
        auto graph = recorder->finish();
        REQUIRE(graph.has_value());
        REQUIRE(graph->launch(stream->get()).ok());
        REQUIRE(stream->wait().ok());
    } else {
        queue();
        REQUIRE(stream->wait().ok());
    }
    return out.values();
}

} // namespace

TEST_CASE("a random order finds races that forwards and backwards do not")
{
    EmulatedGpu gpu;
    const OnDevice<unsigned> out(std::vector<unsigned>{0});
    const auto isSeen = [&](emulation::Order order, std::uint64_t seed) {
        emulation::machine().order = order;
        emulation::machine().seed = seed;
        REQUIRE(PONDER_LAUNCH(racesForTheMiddle, 1, 64, 0, nullptr, out.data()).ok());
        return out.values()[0] == 1;
    };
    CHECK(!isSeen(emulation::Order::Forward, 1));
    CHECK(!isSeen(emulation::Order::Backward, 1));
    bool seen = false;
    for (std::uint64_t seed = 1; seed < 5; ++seed)
        seen = seen || isSeen(emulation::Order::Random, seed);
    CHECK(seen);
    emulation::machine().order = emulation::Machine::asNew().order;
}

TEST_CASE("a random order is another for every seed, and the same for one")
{
    const auto order = [](std::uint64_t seed, bool ofBlocks) {
        emulation::resetMachine();
        EmulatedGpu gpu;
        emulation::machine().order = emulation::Order::Random;
        emulation::machine().seed = seed;
        const OnDevice<unsigned> count(std::vector<unsigned>{0}), out(32);
        REQUIRE(ofBlocks
                ? PONDER_LAUNCH(noteBlocks, 32, 1, 0, nullptr, count.data(), out.data()).ok()
                : PONDER_LAUNCH(noteLanes, 1, 32, 0, nullptr, count.data(), out.data()).ok());
        return out.values();
    };
    for (const bool ofBlocks : {true, false}) {
        CAPTURE(ofBlocks);
        const auto run = [&](std::uint64_t seed) { return order(seed, ofBlocks); };
        const auto first = run(1);
        CHECK(first == run(1));
        CHECK(first != run(2));
        CHECK(std::set<unsigned>(first.begin(), first.end()).size() == 32);
        CHECK(!std::is_sorted(first.begin(), first.end()));
    }
    emulation::resetMachine();
}

TEST_CASE("a kernel that waits for the one before may begin earlier")
{
    OverlappingGpu gpu;
    for (const bool recorded : {false, true}) {
        CAPTURE(recorded);
        const OnDevice<int> values(320), out(320);
        const auto made = behindFill(recorded, values, out, [&](cudaStream_t stream) {
            return PONDER_LAUNCH_OVERLAPPED(doubles, 5, 64, 0, stream, values.data(), out.data());
        });
        CHECK(made == std::vector<int>(320, 14));
        const auto met = behindFill(recorded, values, out, [&](cudaStream_t stream) {
            return PONDER_LAUNCH_OVERLAPPED(
                meetsBeforeItWaits, 5, 64, 0, stream, values.data(), out.data());
        });
        for (int i = 0; i < 320; ++i)
            REQUIRE(met[static_cast<std::size_t>(i)] == 7 + 63 - i % 64);
    }
}

TEST_CASE("what is read before the kernel in front was waited for is old")
{
    OverlappingGpu gpu;
    for (const bool recorded : {false, true}) {
        CAPTURE(recorded);
        const OnDevice<int> values(320), out(320);
        const auto queue = [&](cudaStream_t stream) {
            return PONDER_LAUNCH_OVERLAPPED(
                readsTooEarly, 5, 64, 0, stream, values.data(), out.data());
        };
        CHECK(behindFill(recorded, values, out, queue) != std::vector<int>(320, 14));
        emulation::machine().overlaps = false;
        CHECK(behindFill(recorded, values, out, queue) == std::vector<int>(320, 14)); // not seen
        emulation::machine().overlaps = true;
    }
}

TEST_CASE("what is written before the kernel in front was waited for is seen by it")
{
    OverlappingGpu gpu;
    const OnDevice<int> values(std::vector<int>(320, 3)), out(320);
    REQUIRE(PONDER_LAUNCH(copies, 5, 64, 0, nullptr, values.data(), out.data()).ok());
    REQUIRE(PONDER_LAUNCH_OVERLAPPED(writesTooEarly, 5, 64, 0, nullptr, values.data()).ok());
    CHECK(out.values() != std::vector<int>(320, 3));
    CHECK(values.values() == std::vector<int>(320, -1));
}

TEST_CASE("what is not directly behind a kernel does not overlap with it")
{
    OverlappingGpu gpu;
    const OnDevice<int> values(std::vector<int>(64, 3)), out(64), more(std::vector<int>(64, 5));
    auto stream = Stream::create();
    REQUIRE(stream.has_value());
    REQUIRE(PONDER_LAUNCH(fill, 1, 64, 0, stream->get(), values.data(), 7).ok());
    REQUIRE(copyBytes(
        more.data(), values.data(), 64 * sizeof(int), cudaMemcpyDeviceToDevice, stream->get())
            .ok());
    REQUIRE(
        PONDER_LAUNCH_OVERLAPPED(readsTooEarly, 1, 64, 0, stream->get(), values.data(), out.data())
            .ok());
    REQUIRE(stream->wait().ok());
    CHECK(out.values() == std::vector<int>(64, 14));
}

TEST_CASE("a kernel that fails before it waits is told of")
{
    emulation::resetMachine();
    emulation::machine().sharedPerBlock = 227 * kKiB;
    auto values = DeviceArray<int>::create(64);
    REQUIRE(values.has_value());
    REQUIRE(PONDER_LAUNCH(fill, 1, 64, 0, nullptr, values->data(), 7).ok());
    REQUIRE(PONDER_LAUNCH_OVERLAPPED(failsEarly, 3, 1, 0, nullptr).ok());
    CHECK(says(complaint(), "kernel failsEarly: a write outside of an array of 4 bytes"));
}

TEST_CASE("what is asked whether it is ready is sometimes not, and then it is")
{
    EmulatedGpu gpu;
    const OnDevice<int> values(64);
    auto stream = Stream::create();
    auto event = Event::create();
    REQUIRE((stream && event));
    int notReady[2] = {};
    int times[2] = {};
    for (int i = 0; i < 40; ++i) {
        REQUIRE(PONDER_LAUNCH(fill, 1, 64, 0, stream->get(), values.data(), i).ok());
        REQUIRE(event->record(stream->get()).ok());
        const bool ofEvent = i % 2 == 0;
        const auto ask = [&] {
            return ofEvent ? cudaEventQuery(event->get()) : cudaStreamQuery(stream->get());
        };
        int asked = 0;
        cudaError_t error = cudaSuccess;
        while ((error = ask()) == cudaErrorNotReady && asked < 100)
            ++asked;
        REQUIRE(error == cudaSuccess);
        REQUIRE(asked < 10);
        REQUIRE(ask() == cudaSuccess); // and stays so
        notReady[i % 2] += asked;
        times[i % 2] += asked == 0 ? 1 : 0;
    }
    (void)cudaGetLastError();
    for (const int i : {0, 1}) {
        CHECK(notReady[i] > 0);
        CHECK(times[i] > 0);
    }
}

TEST_CASE("in random order streams have turns, and what waits for another still does")
{
    std::set<std::vector<int>> orders;
    for (std::uint64_t seed = 1; seed < 9; ++seed) {
        emulation::resetMachine();
        EmulatedGpu gpu;
        emulation::machine().order = emulation::Order::Random;
        emulation::machine().seed = seed;
        auto first = Stream::create();
        auto second = Stream::create();
        auto event = Event::create();
        REQUIRE((first && second && event));
        const OnDevice<int> count(std::vector<int>{0}), order(std::vector<int>(12, -1));
        const auto append = [&](const Stream& stream, int what) {
            return PONDER_LAUNCH(appends, 1, 1, 0, stream.get(), count.data(), order.data(), what);
        };
        for (int i = 0; i < 4; ++i) {
            REQUIRE(append(*first, i).ok());
            REQUIRE(append(*second, 10 + i).ok());
        }
        REQUIRE(event->record(second->get()).ok());
        REQUIRE(event->holdBack(first->get()).ok());
        REQUIRE(append(*first, 4).ok());
        REQUIRE(append(*second, 14).ok());
        const auto got = order.values();
        const auto at
            = [&](int what) { return std::find(got.begin(), got.end(), what) - got.begin(); };
        for (int i = 0; i < 4; ++i) {
            CHECK(at(i) < at(i + 1));
            CHECK(at(10 + i) < at(11 + i));
        }
        CHECK(at(13) < at(4));
        CHECK(at(4) < 12);
        orders.insert(got);
    }
    CHECK(orders.size() > 1);
    emulation::resetMachine();
}
