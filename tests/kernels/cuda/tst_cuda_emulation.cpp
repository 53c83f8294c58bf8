#include "kernels/cuda/runtime/launch.h"

#include "kernels/cuda/device/copy.h"
#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/device/warp.h"
#include "kernels/cuda/runtime/devices.h"
#include "tests/kernels/cuda/complaint.h"

// The emulation itself: what it lets kernels do, and that it finds out what they do wrong.

using namespace ponder::kernels::cuda;
namespace emulation = ponder::emulation;

namespace {

constexpr std::size_t kKiB = 1024;

__global__ void reverseInBlock(int* values)
{
    PONDER_SHARED_DYNAMIC(int, shared);
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    shared[threadIdx.x] = values[i];
    __syncthreads();
    values[i] = shared[blockDim.x - 1 - threadIdx.x];
}

__global__ void shuffles(int* out)
{
    const int lane = static_cast<int>(threadIdx.x);
    out[lane] = __shfl_xor_sync(kAllLanes, lane, 5);
    out[32 + lane] = __shfl_down_sync(kAllLanes, lane, 3);
    out[64 + lane] = __shfl_up_sync(kAllLanes, lane, 2, 8);
    out[96 + lane] = __shfl_sync(kAllLanes, lane, 9, 8);
    out[128 + lane] = static_cast<int>(__ballot_sync(kAllLanes, lane % 3 == 0));
    if (lane < 16)
        out[160 + lane] = __shfl_sync(0xFFFFu, lane, 15 - lane);
    out[192 + lane] = warpSum(lane);
    out[224 + lane] = warpMax<8>(lane);
}

// Blocks wait for each other, which only a cooperative launch may.
__global__ void countTogether(unsigned* count, unsigned* out)
{
    if (threadIdx.x == 0)
        atomicAdd(count, 1);
    emulation::waitAtGrid();
    if (threadIdx.x == 0)
        out[blockIdx.x] = *count;
}

__global__ void writesPastShared(int count)
{
    PONDER_SHARED_ARRAY(int, values, 8);
    volatile int* all = &values[0];
    all[count] = 1;
}

__global__ void writesPast(int* values, unsigned count)
{
    for (unsigned i = 0; i <= count; ++i)
        values[i] = 1;
}

__global__ void halfOfABarrier()
{
    if (threadIdx.x < 16)
        __syncthreads();
}

__global__ void halfOfAWarp()
{
    if (threadIdx.x < 16)
        __syncwarp();
}

__global__ void waitsForNobody(const volatile int* flag)
{
    while (*flag == 0)
        __nanosleep(20);
}

__global__ void waitsForTheOther(volatile int* flag)
{
    if (threadIdx.x == 0) {
        while (*flag == 0)
            __nanosleep(20);
    } else if (threadIdx.x == 1) {
        *flag = 1;
    }
}

__global__ void setTo(int* values, const int* value)
{
    waitForPrevious();
    values[threadIdx.x] = *value;
}

__global__ void forgetsToWait(int* values)
{
    values[threadIdx.x] = 1;
}

// Copies 16 bytes into shared memory twice and looks at both before and after the first is waited for.
__global__ void copiesLater(const int* from, int* out)
{
    PONDER_SHARED_ARRAY(int4, room, 2);
    for (unsigned i = 0; i < 2; ++i) {
        copyAsync16(&room[i], from + 4 * i, i == 0);
        commitCopies();
    }
    out[0] = room[0].y;
    waitForCopies<1>();
    out[1] = room[0].y;
    out[2] = room[1].y;
    waitForCopies<0>();
    out[3] = room[1].y;
}

} // namespace

TEST_CASE("threads meet at barriers and share memory")
{
    EmulatedGpu gpu;
    forOrders([] {
        std::vector<int> values(3 * 100);
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = static_cast<int>(i);
        const OnDevice<int> device(values);
        REQUIRE(
            PONDER_LAUNCH(reverseInBlock, 3, 100, 100 * sizeof(int), nullptr, device.data()).ok());
        const auto got = device.values();
        for (int i = 0; i < 300; ++i)
            REQUIRE(got[static_cast<std::size_t>(i)] == i / 100 * 100 + 99 - i % 100);
    });
}

TEST_CASE("lanes of a warp read each other")
{
    EmulatedGpu gpu;
    forOrders([] {
        const OnDevice<int> out(256);
        REQUIRE(PONDER_LAUNCH(shuffles, 1, 32, 0, nullptr, out.data()).ok());
        const auto got = out.values();
        for (int lane = 0; lane < 32; ++lane) {
            const auto at = [&](int row) { return got[static_cast<std::size_t>(row * 32 + lane)]; };
            CHECK(at(0) == (lane ^ 5));
            CHECK(at(1) == (lane < 29 ? lane + 3 : lane));
            CHECK(at(2) == (lane % 8 >= 2 ? lane - 2 : lane));
            CHECK(at(3) == lane / 8 * 8 + 1);
            CHECK(at(4) == 0x49249249);
            if (lane < 16)
                CHECK(at(5) == 15 - lane);
            CHECK(at(6) == 496);
            CHECK(at(7) == lane / 8 * 8 + 7);
        }
    });
}

TEST_CASE("a copy into shared memory is there when it was waited for, not before")
{
    EmulatedGpu gpu;
    emulation::machine().copies = emulation::Copies::WhenWaitedFor;
    const OnDevice<int> from(std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8}), out(4);
    REQUIRE(PONDER_LAUNCH(copiesLater, 1, 1, 0, nullptr, from.data(), out.data()).ok());
    CHECK(out.values() == std::vector<int>{-1, 2, -1, 0});
}

TEST_CASE("blocks of a cooperative launch meet")
{
    EmulatedGpu gpu;
    const OnDevice<unsigned> count(std::vector<unsigned>{0}), out(7);
    REQUIRE(launchKernel<countTogether>("countTogether",
        {.grid = 7, .block = 64, .stream = nullptr, .cooperative = true}, count.data(), out.data())
            .ok());
    CHECK(out.values() == std::vector<unsigned>(7, 7));
}

TEST_CASE("what a kernel does wrong is told")
{
    emulation::resetMachine();
    SUBCASE("writing outside of shared memory")
    {
        REQUIRE(PONDER_LAUNCH(writesPastShared, 1, 1, 0, nullptr, 8).ok());
        CHECK(complaint()
            == "kernel writesPastShared: a write outside of an array of 32 bytes in shared memory");
        REQUIRE(PONDER_LAUNCH(writesPastShared, 1, 1, 0, nullptr, -1).ok());
        CHECK(!complaint().empty());
    }
    SUBCASE("a barrier that not all reach")
    {
        REQUIRE(PONDER_LAUNCH(halfOfABarrier, 1, 64, 0, nullptr).ok());
        CHECK(complaint().find("__syncthreads()") != std::string::npos);
        emulation::machine().order = emulation::Order::Backward;
        REQUIRE(PONDER_LAUNCH(halfOfABarrier, 1, 64, 0, nullptr).ok());
        CHECK(complaint().find("__syncthreads()") != std::string::npos);
        REQUIRE(PONDER_LAUNCH(halfOfAWarp, 1, 32, 0, nullptr).ok());
        CHECK(complaint().find("warp operation") != std::string::npos);
    }
    SUBCASE("waiting for what never comes")
    {
        auto flag = DeviceArray<int>::create(1);
        REQUIRE(flag.has_value());
        REQUIRE(clearBytes(flag->data(), sizeof(int), nullptr).ok());
        REQUIRE(PONDER_LAUNCH(waitsForNobody, 1, 2, 0, nullptr, flag->data()).ok());
        CHECK(complaint().find("waits for something that does not happen") != std::string::npos);
    }
    SUBCASE("not waiting for the kernel before")
    {
        emulation::machine().sharedPerBlock = 227 * kKiB;
        auto values = DeviceArray<int>::create(32);
        REQUIRE(values.has_value());
        REQUIRE(PONDER_LAUNCH_OVERLAPPED(forgetsToWait, 1, 32, 0, nullptr, values->data()).ok());
        CHECK(complaint().find("did not wait for it") != std::string::npos);
    }
    SUBCASE("blocks that wait for each other without being launched so")
    {
        auto count = DeviceArray<unsigned>::create(8);
        REQUIRE(count.has_value());
        REQUIRE(
            PONDER_LAUNCH(countTogether, 2, 32, 0, nullptr, count->data(), count->data() + 1).ok());
        CHECK(complaint().find("not cooperative") != std::string::npos);
    }
    SUBCASE("too large a block")
    {
        REQUIRE(PONDER_LAUNCH(halfOfAWarp, 1, 1025, 0, nullptr).ok());
        CHECK(complaint().find("cannot be launched") != std::string::npos);
    }
    emulation::resetMachine();
}

TEST_CASE("a write past an allocation is found when it is given back")
{
    emulation::resetMachine();
    {
        auto values = DeviceArray<int>::create(5);
        REQUIRE(values.has_value());
        REQUIRE(PONDER_LAUNCH(writesPast, 1, 1, 0, nullptr, values->data(), 5u).ok());
        REQUIRE(finishDevice().ok());
    }
    CHECK(emulation::machine().failures.size() == 1);
    emulation::resetMachine();
}

TEST_CASE("a thread that waits for another of its warp gets on")
{
    EmulatedGpu gpu;
    forOrders([] {
        const OnDevice<int> flag(std::vector<int>{0});
        REQUIRE(PONDER_LAUNCH(waitsForTheOther, 1, 32, 0, nullptr, flag.data()).ok());
        CHECK(flag.values() == std::vector<int>{1});
    });
}

TEST_CASE("a recorded graph reads what is in memory when it runs")
{
    EmulatedGpu gpu;
    auto stream = Stream::create();
    auto side = Stream::create();
    auto fork = Event::create();
    auto join = Event::create();
    REQUIRE((stream && side && fork && join));
    const OnDevice<int> value(std::vector<int>{7}), values(std::vector<int>(8, 0));
    REQUIRE(PONDER_LAUNCH(setTo, 1, 4, 0, nullptr, values.data(), value.data()).ok()); // loads it
    REQUIRE(finishDevice().ok());
    auto recorder = GraphRecorder::begin(stream->get());
    REQUIRE(recorder.has_value());
    REQUIRE(fork->record(stream->get()).ok());
    REQUIRE(fork->holdBack(side->get()).ok());
    REQUIRE(PONDER_LAUNCH(setTo, 1, 4, 0, stream->get(), values.data(), value.data()).ok());
    REQUIRE(PONDER_LAUNCH(setTo, 1, 4, 0, side->get(), values.data() + 4, value.data()).ok());
    REQUIRE(join->record(side->get()).ok());
    REQUIRE(join->holdBack(stream->get()).ok());
    auto graph = recorder->finish();
    REQUIRE(graph.has_value());
    REQUIRE(finishDevice().ok());
    CHECK(values.values() == std::vector<int>{7, 7, 7, 7, 0, 0, 0, 0}); // recorded, not run
    for (const int v : {9, 11}) {
        REQUIRE(upload(std::span<const int>(&v, 1), value.data(), stream->get()).ok());
        REQUIRE(graph->launch(stream->get()).ok());
        REQUIRE(stream->wait().ok());
        CHECK(values.values() == std::vector<int>(8, v));
    }
}

TEST_CASE("work runs when it is waited for, in the order of events")
{
    EmulatedGpu gpu;
    auto first = Stream::create();
    auto second = Stream::create();
    auto event = Event::create();
    REQUIRE((first && second && event));
    const OnDevice<int> value(std::vector<int>{1}), values(std::vector<int>(4, 0));
    auto pinned = PinnedArray<int>::create(1);
    REQUIRE(pinned.has_value());
    pinned->span()[0] = 5;
    REQUIRE(upload(std::span<const int>(pinned->span()), value.data(), first->get()).ok());
    REQUIRE(event->record(first->get()).ok());
    REQUIRE(event->holdBack(second->get()).ok());
    REQUIRE(PONDER_LAUNCH(setTo, 1, 4, 0, second->get(), values.data(), value.data()).ok());
    pinned->span()[0] = 6; // too early: the copy has not been made yet
    REQUIRE(second->wait().ok());
    CHECK(values.values() == std::vector<int>(4, 6));
}

TEST_CASE("devices, their memory, and running out of it")
{
    EmulatedGpu gpu;
    emulation::machine().devices = 2;
    emulation::machine().memory = 1000;
    const auto devices = listDevices();
    REQUIRE(devices.has_value());
    REQUIRE(devices->size() == 2);
    CHECK((*devices)[1].index == 1);
    CHECK((*devices)[1].freeBytes == 1000);
    auto all = DeviceBytes::create(900);
    REQUIRE(all.has_value());
    CHECK(memoryInfo()->free == 100);
    const auto more = DeviceBytes::create(101);
    REQUIRE(!more.has_value());
    CHECK(more.error().outOfMemory());
    CHECK(finishDevice().ok());
    all = DeviceBytes();
    CHECK(memoryInfo()->free == 1000);
    emulation::machine().devices = 0;
    CHECK(listDevices()->empty());
    CHECK(useDevice(3).code == cudaErrorInvalidDevice);
}

TEST_CASE("a lost device fails every call from then on")
{
    emulation::resetMachine();
    {
        auto values = DeviceArray<int>::create(32);
        REQUIRE(values.has_value());
        emulation::machine().launchesUntilLoss = 1;
        CHECK(PONDER_LAUNCH(forgetsToWait, 1, 32, 0, nullptr, values->data()).ok());
        CHECK(!PONDER_LAUNCH(forgetsToWait, 1, 32, 0, nullptr, values->data()).ok());
        CHECK(finishDevice().code == cudaErrorLaunchFailure);
        CHECK(!DeviceBytes::create(1).has_value());
    }
    emulation::resetMachine();
}
