// How kernels are launched: what is prepared before, what the device allows, and the switches that faults
// are narrowed down with.
#include "kernels/cuda/runtime/launch.h"

#include <cstdlib>

#include "kernels/cuda/attention/attention.h"
#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/runtime/devices.h"
#include "kernels/cuda/runtime/driver.h"
#include "kernels/cuda/runtime/switches.h"
#include "tests/kernels/cuda/emulated.h"

using namespace ponder::kernels::cuda;
namespace emulation = ponder::emulation;

namespace {

constexpr std::size_t kKiB = 1024;

__global__ void fill(float* to, unsigned count)
{
    PONDER_SHARED_DYNAMIC(float, shared);
    waitForPrevious();
    shared[count - 1] = 1;
    for (unsigned i = threadIdx.x; i < count; i += blockDim.x)
        to[i] = 1;
}

__global__ void halfABarrier()
{
    waitForPrevious();
    if (threadIdx.x == 0)
        __syncthreads();
}

/// A switch of the environment, for the length of a test.
class Switched {
public:
    explicit Switched(const char* name)
        : m_name(name)
    {
        ::setenv(name, "1", 1);
        rereadSwitches();
    }
    ~Switched()
    {
        ::unsetenv(m_name);
        rereadSwitches();
    }

private:
    const char* m_name;
};

Status launchFill(std::size_t shared, OnDevice<float>& to, cudaStream_t stream = nullptr)
{
    return PONDER_LAUNCH_OVERLAPPED(fill, 1, 32, shared, stream, to.data(), 16U);
}

} // namespace

TEST_CASE(
    "a launch may ask for all the shared memory there is, and never lowers what others may ask for")
{
    const EmulatedGpu gpu;
    const auto limits = deviceLimits(0);
    REQUIRE(limits.has_value());
    OnDevice<float> to(16);
    CHECK(launchFill(limits->mostShared(), to).ok());
    const auto stream = Stream::create();
    REQUIRE(stream.has_value());
    auto recorder = GraphRecorder::begin(stream->get());
    REQUIRE(recorder.has_value());
    CHECK(launchFill(limits->mostShared(), to, stream->get()).ok());
    auto graph = recorder->finish();
    REQUIRE(graph.has_value());
    // A smaller launch in between leaves the recorded one its memory.
    CHECK(launchFill(50 * kKiB, to).ok());
    CHECK(graph->launch(stream->get()).ok());
    CHECK(stream->wait().ok());
    CHECK(!launchFill(limits->sharedPerBlock + 1, to).ok());
    CHECK(emulation::machine().failures.size() == 1);
    emulation::machine().failures.clear();
}

TEST_CASE("kernels overlap only where the GPU can do that, and where nobody forbids it")
{
    const EmulatedGpu gpu;
    CHECK(overlaps() == (deviceLimits(0)->major >= 9));
    {
        const Switched off("PONDER_CUDA_NO_OVERLAP");
        CHECK(!overlaps());
    }
    {
        const Switched synchronous("PONDER_CUDA_SYNCHRONOUS");
        CHECK(!overlaps());
        CHECK(switches().noRecording);
    }
    CHECK(!switches().noRecording);
}

TEST_CASE("a synchronous launch says which kernel failed")
{
    {
        const Switched synchronous("PONDER_CUDA_SYNCHRONOUS");
        const Status status = PONDER_LAUNCH(halfABarrier, 1, 32, 0, nullptr);
        CHECK(status.code == cudaErrorLaunchFailure);
        CHECK(status.text().starts_with("halfABarrier: "));
    }
    emulation::resetMachine();
    // Without the switch it is the call that waits which fails.
    CHECK(PONDER_LAUNCH(halfABarrier, 1, 32, 0, nullptr).ok());
    CHECK(!finishDevice().ok());
    emulation::resetMachine();
}

TEST_CASE("limits leave room for static arrays, and for a second block")
{
    DeviceLimits h100;
    CHECK(h100.mostShared() == 224 * kKiB);
    CHECK(2 * (h100.sharedOfTwo() + 2 * kKiB) <= 228 * kKiB);
    const DeviceLimits rtx{.multiprocessors = 128,
        .major = 8,
        .sharedPerBlock = 99 * kKiB,
        .sharedPerMultiprocessor = 100 * kKiB};
    CHECK(rtx.mostShared() == 96 * kKiB);
    CHECK(2 * (rtx.sharedOfTwo() + 2 * kKiB) <= 100 * kKiB);
}

TEST_CASE("attention that no block has shared memory for is found out before it is launched")
{
    const DeviceLimits rtx{.sharedPerBlock = 99 * kKiB};
    const auto rows = [](std::size_t cols, int data) {
        CacheRows r;
        r.data = reinterpret_cast<void*>(std::uintptr_t(data));
        r.cols = cols;
        return r;
    };
    CHECK(attentionFits(rows(576, 16), rows(512, 16), rtx)); // latents: keys are values
    CHECK(attentionFits(rows(256, 16), rows(256, 32), rtx));
    CHECK(!attentionFits(rows(768, 16), rows(768, 32), rtx));
    CHECK(attentionFits(rows(768, 16), rows(768, 32), {}));
}

TEST_CASE("listing GPUs makes no context on them, but where the driver cannot say what is free")
{
    emulation::resetMachine();
    emulation::machine().devices = 3;
    const auto listed = listDevices();
    REQUIRE(listed.has_value());
    REQUIRE(listed->size() == 3);
    CHECK((*listed)[2].freeBytes == emulation::machine().memory);
    for (int i = 0; i < 3; ++i)
        CHECK(!hasContext(i));
    REQUIRE(useDevice(1).ok());
    REQUIRE(listDevices().has_value());
    CHECK(!hasContext(0));
    CHECK(hasContext(1));
    CHECK(!hasContext(2));
    emulation::machine().hasManagement = false;
    REQUIRE(listDevices().has_value());
    CHECK(hasContext(2));
    emulation::resetMachine();
}
