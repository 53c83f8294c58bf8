#include "kernels/cuda/runtime/launch.h"

#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/runtime/devices.h"
#include "tests/kernels/cuda/complaint.h"

// What the emulation knows of the shared memory that kernels may have, and of what must not be called
// while a stream records.

using namespace ponder::kernels::cuda;
namespace emulation = ponder::emulation;

namespace {

constexpr std::size_t kKiB = 1024;

// Kernels whose attributes and loading no other test touches: these outlive a machine's reset.
template <int kWhich> __global__ void writesFirst()
{
    PONDER_SHARED_DYNAMIC(int, room);
    room[0] = kWhich;
}

template <int kWhich, int kBytes> __global__ void hasItsOwn()
{
    PONDER_SHARED_ARRAY(unsigned char, own, kBytes);
    own[0] = kWhich;
}

template <int kWhich> __global__ void waitsAndSets(int* value)
{
    waitForPrevious();
    *value = kWhich;
}

template <int kWhich> __global__ void sets(int* value)
{
    *value = kWhich;
}

/// Queued without being in the list of kernels: prepareKernels() does not know it.
template <typename... P, typename... A>
cudaError_t launch(void (*kernel)(P...), std::size_t shared, cudaStream_t stream, A... arguments)
{
    emulation::Launch launch;
    launch.name = "tested";
    launch.kernel = reinterpret_cast<const void*>(kernel);
    launch.grid = launch.block = 1;
    launch.shared = shared;
    launch.body = [=] { kernel(arguments...); };
    return emulation::launchKernel(launch, stream);
}

cudaError_t allow(const void* kernel, std::size_t bytes)
{
    return cudaFuncSetAttribute(
        kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes));
}

template <typename... P> const void* addressOf(void (*kernel)(P...))
{
    return reinterpret_cast<const void*>(kernel);
}

} // namespace

TEST_CASE("a GPU says how much shared memory it has, and what it is")
{
    EmulatedGpu gpu;
    struct Kind {
        std::size_t kib;
        int major, minor;
    };
    for (const Kind kind : {Kind{99, 8, 9}, Kind{163, 8, 0}, Kind{227, 9, 0}}) {
        emulation::machine().sharedPerBlock = kind.kib * kKiB;
        const auto devices = listDevices();
        REQUIRE(devices.has_value());
        CHECK(devices->front().sharedBytesPerBlock == kind.kib * kKiB);
        CHECK(devices->front().major == kind.major);
        CHECK(devices->front().minor == kind.minor);
        int whole = 0;
        REQUIRE(cudaDeviceGetAttribute(&whole, cudaDevAttrMaxSharedMemoryPerMultiprocessor, 0)
            == cudaSuccess);
        CHECK(static_cast<std::size_t>(whole) == (kind.kib + 1) * kKiB);
    }
}

TEST_CASE("the environment says what the machine is like, also when it is as new again")
{
    const auto with = [](const char* variable, const char* value) {
        ::setenv(variable, value, 1);
        emulation::resetMachine();
        const emulation::Machine machine = emulation::machine();
        ::unsetenv(variable);
        return machine;
    };
    const auto kept = [](const char* variable) {
        const char* value = std::getenv(variable);
        return std::string(value == nullptr ? "" : value);
    };
    const char* const names[] = {"PONDER_EMULATED_SHARED_KIB", "PONDER_EMULATED_ORDER",
        "PONDER_EMULATED_COPIES", "PONDER_EMULATED_OVERLAP"};
    std::string before[4];
    for (int i = 0; i < 4; ++i)
        before[i] = kept(names[i]);
    CHECK(with(names[0], "99").sharedPerBlock == 99 * kKiB);
    CHECK(with(names[1], "backward").order == emulation::Order::Backward);
    CHECK(with(names[1], "random:17").order == emulation::Order::Random);
    CHECK(with(names[1], "random:17").seed == 17);
    CHECK(with(names[2], "at_once").copies == emulation::Copies::AtOnce);
    CHECK(!with(names[3], "0").overlaps);
    emulation::resetMachine();
    CHECK(emulation::machine().sharedPerBlock == 227 * kKiB);
    CHECK(emulation::machine().order == emulation::Order::Forward);
    for (int i = 0; i < 4; ++i) {
        if (!before[i].empty())
            ::setenv(names[i], before[i].c_str(), 1);
    }
    emulation::resetMachine();
}

TEST_CASE("a launch gets no more shared memory than the GPU has for a block")
{
    emulation::resetMachine();
    emulation::machine().sharedPerBlock = 227 * kKiB;
    forgetPrepared(0);
    REQUIRE(prepareKernels().ok());
    CHECK(PONDER_LAUNCH(writesFirst<1>, 1, 1, 163 * kKiB, nullptr).ok());
    CHECK(cudaDeviceSynchronize() == cudaSuccess);
    emulation::machine().sharedPerBlock = 99 * kKiB;
    CHECK(launch(&writesFirst<1>, 163 * kKiB, nullptr) == cudaErrorInvalidValue);
    CHECK(refusal()
        == "kernel tested: 166912 bytes of shared memory and 0 of its own, where a block may have "
           "101376");
    // Through launch.h nothing is queued either.
    emulation::machine().sharedPerBlock = 99 * kKiB;
    CHECK(PONDER_LAUNCH(writesFirst<2>, 1, 1, 100 * kKiB, nullptr).code == cudaErrorInvalidValue);
    CHECK(cudaDeviceSynchronize() == cudaSuccess);
    emulation::resetMachine();
}

TEST_CASE("a kernel's own shared memory counts, once it is known")
{
    emulation::resetMachine();
    emulation::machine().sharedPerBlock = 99 * kKiB;
    using Fits = void (*)();
    const Fits fits = &hasItsOwn<1, 2 * kKiB>;
    REQUIRE(allow(addressOf(fits), 98 * kKiB) == cudaSuccess);
    CHECK(launch(fits, 98 * kKiB, nullptr) == cudaSuccess); // found out when it runs
    CHECK(says(complaint(), "more shared memory than a block may have"));

    const Fits asks = &hasItsOwn<2, 2 * kKiB>;
    emulation::machine().sharedPerBlock = 99 * kKiB;
    CHECK(launch(asks, 0, nullptr) == cudaSuccess);
    CHECK(cudaDeviceSynchronize() == cudaSuccess);
    cudaFuncAttributes attributes;
    REQUIRE(cudaFuncGetAttributes(&attributes, addressOf(asks)) == cudaSuccess);
    CHECK(attributes.sharedSizeBytes == 2 * kKiB);
    CHECK(attributes.maxDynamicSharedSizeBytes == 46 * 1024);
    CHECK(allow(addressOf(asks), 98 * kKiB) == cudaErrorInvalidValue);
    CHECK(allow(addressOf(asks), 97 * kKiB) == cudaSuccess);
    CHECK(launch(asks, 97 * kKiB, nullptr) == cudaSuccess);
    CHECK(cudaDeviceSynchronize() == cudaSuccess);
    (void)cudaGetLastError();

    // Not asked for: 48 KiB with its own.
    const Fits forgets = &hasItsOwn<3, 2 * kKiB>;
    CHECK(launch(forgets, 47 * kKiB, nullptr) == cudaSuccess);
    CHECK(says(complaint(), "48128 bytes of shared memory and 2048 of its own were not asked for"));
    CHECK(launch(forgets, 47 * kKiB, nullptr) == cudaErrorInvalidValue);
    CHECK(says(refusal(), "where its attribute allows 47104"));
}

TEST_CASE("more than 48 KiB has to be asked for, of each kernel")
{
    emulation::resetMachine();
    emulation::machine().sharedPerBlock = 227 * kKiB;
    REQUIRE(allow(addressOf(&writesFirst<4>), 60 * kKiB) == cudaSuccess);
    CHECK(launch(&writesFirst<4>, 60 * kKiB, nullptr) == cudaSuccess);
    CHECK(cudaDeviceSynchronize() == cudaSuccess);
    CHECK(launch(&writesFirst<4>, 61 * kKiB, nullptr) == cudaErrorInvalidValue);
    CHECK(refusal()
        == "kernel tested: 62464 bytes of shared memory, where its attribute allows 61440");
    CHECK(launch(&writesFirst<5>, 49 * kKiB, nullptr) == cudaErrorInvalidValue);
    CHECK(says(refusal(), "where its attribute allows 49152"));
    CHECK(cudaFuncSetAttribute(addressOf(&writesFirst<5>),
              cudaFuncAttributePreferredSharedMemoryCarveout, cudaSharedmemCarveoutMaxShared)
        == cudaSuccess);
    CHECK(cudaFuncSetAttribute(
              addressOf(&writesFirst<5>), cudaFuncAttributePreferredSharedMemoryCarveout, 101)
        == cudaErrorInvalidValue);
    emulation::resetMachine();
}

TEST_CASE("a graph needs its kernels' permissions when it is launched")
{
    emulation::resetMachine();
    emulation::machine().sharedPerBlock = 227 * kKiB;
    const void* const kernel = addressOf(&writesFirst<6>);
    REQUIRE(allow(kernel, 60 * kKiB) == cudaSuccess);
    {
        auto stream = Stream::create();
        REQUIRE(stream.has_value());
        auto recorder = GraphRecorder::begin(stream->get());
        REQUIRE(recorder.has_value());
        REQUIRE(launch(&writesFirst<6>, 60 * kKiB, stream->get()) == cudaSuccess);
        auto graph = recorder->finish();
        REQUIRE(graph.has_value());
        CHECK(graph->launch(stream->get()).ok());
        CHECK(stream->wait().ok());
        REQUIRE(allow(kernel, 50 * kKiB) == cudaSuccess);
        CHECK(graph->launch(stream->get()).code == cudaErrorInvalidValue);
        CHECK(says(refusal(), "where its attribute allows 51200, in a graph"));
    }
    emulation::resetMachine();
}

TEST_CASE("a kernel is loaded before a recording that has it")
{
    emulation::resetMachine();
    {
        auto value = DeviceArray<int>::create(1);
        auto stream = Stream::create();
        REQUIRE((value && stream));
        const auto record = [&](auto kernel) {
            auto recorder = GraphRecorder::begin(stream->get());
            REQUIRE(recorder.has_value());
            const cudaError_t error = launch(kernel, 0, stream->get(), value->data());
            const auto graph = recorder->finish();
            CHECK(graph.has_value() == (error == cudaSuccess));
            if (!graph)
                CHECK(graph.error().code == cudaErrorStreamCaptureInvalidated);
            return error;
        };
        CHECK(record(&sets<1>) == cudaErrorStreamCaptureUnsupported);
        CHECK(refusal() == "kernel tested was loaded while recording");
        CHECK(launch(&sets<1>, 0, nullptr, value->data()) == cudaSuccess);
        CHECK(record(&sets<1>) == cudaSuccess);
        cudaFuncAttributes attributes;
        REQUIRE(cudaFuncGetAttributes(&attributes, addressOf(&sets<2>)) == cudaSuccess);
        CHECK(record(&sets<2>) == cudaSuccess);
        REQUIRE(allow(addressOf(&sets<3>), kKiB) == cudaSuccess);
        CHECK(record(&sets<3>) == cudaSuccess);

        auto recorder = GraphRecorder::begin(stream->get());
        REQUIRE(recorder.has_value());
        CHECK(allow(addressOf(&sets<4>), kKiB) == cudaErrorStreamCaptureUnsupported);
        CHECK(!recorder->finish().has_value());
        CHECK(says(refusal(), "was loaded while recording"));
    }
    emulation::resetMachine();
}

TEST_CASE("what must not be called while a stream records spoils the recording")
{
    emulation::resetMachine();
    {
        auto device = DeviceArray<int>::create(1);
        auto pinned = PinnedArray<int>::create(1);
        auto stream = Stream::create();
        auto event = Event::create();
        REQUIRE((device && pinned && stream && event));
        REQUIRE(launch(&sets<5>, 0, nullptr, device->data()) == cudaSuccess);
        void* memory = nullptr;
        const std::function<cudaError_t()> calls[] = {
            [&] { return cudaMalloc(&memory, 1); },
            [&] { return cudaFree(device->data()); },
            [&] { return cudaHostAlloc(&memory, 1, cudaHostAllocDefault); },
            [&] { return cudaFreeHost(pinned->data()); },
            [&] { return cudaDeviceSynchronize(); },
            [&] { return cudaStreamSynchronize(stream->get()); },
            [&] { return cudaStreamSynchronize(nullptr); },
            [&] { return cudaStreamQuery(stream->get()); },
            [&] { return cudaEventSynchronize(event->get()); },
            [&] { return cudaEventQuery(event->get()); },
            [&] { return cudaMemcpy(device->data(), pinned->data(), 4, cudaMemcpyHostToDevice); },
        };
        for (std::size_t i = 0; i < std::size(calls); ++i) {
            CAPTURE(i);
            auto recorder = GraphRecorder::begin(stream->get());
            REQUIRE(recorder.has_value());
            REQUIRE(event->record(stream->get()).ok());
            CHECK(calls[i]() == cudaErrorStreamCaptureUnsupported);
            CHECK(emulation::machine().failures.size() == 1);
            CHECK(launch(&sets<5>, 0, stream->get(), device->data())
                == cudaErrorStreamCaptureInvalidated);
            const auto graph = recorder->finish();
            REQUIRE(!graph.has_value());
            CHECK(graph.error().code == cudaErrorStreamCaptureInvalidated);
            CHECK(!refusal().empty());
        }
        // Of another stream's recording a stream that takes no part knows nothing.
        auto other = Stream::create();
        REQUIRE(other.has_value());
        auto recorder = GraphRecorder::begin(stream->get());
        REQUIRE(recorder.has_value());
        CHECK(other->wait().ok());
        CHECK(recorder->finish().has_value());
        CHECK(emulation::machine().failures.empty());
    }
    emulation::resetMachine();
}

TEST_CASE("an event of a recording means nothing behind it")
{
    emulation::resetMachine();
    {
        auto stream = Stream::create();
        auto event = Event::create();
        REQUIRE((stream && event));
        auto recorder = GraphRecorder::begin(stream->get());
        REQUIRE(recorder.has_value());
        REQUIRE(event->record(stream->get()).ok());
        REQUIRE(recorder->finish().has_value());
        CHECK(event->holdBack(stream->get()).code == cudaErrorCapturedEvent);
        CHECK(event->wait().code == cudaErrorCapturedEvent);
        REQUIRE(event->record(stream->get()).ok());
        CHECK(event->wait().ok());
    }
    emulation::resetMachine();
}

TEST_CASE("GPUs before 9.0 do not know overlapped launches")
{
    emulation::resetMachine();
    {
        auto value = DeviceArray<int>::create(1);
        REQUIRE(value.has_value());
        emulation::machine().sharedPerBlock = 227 * kKiB;
        const auto overlapped = [&] {
            emulation::Launch launch;
            launch.name = "waitsAndSets";
            launch.kernel = addressOf(&waitsAndSets<1>);
            launch.overlap = true;
            launch.body = [to = value->data()] { waitsAndSets<1>(to); };
            return emulation::launchKernel(launch, nullptr);
        };
        CHECK(overlapped() == cudaSuccess);
        CHECK(cudaDeviceSynchronize() == cudaSuccess);
        emulation::machine().sharedPerBlock = 163 * kKiB;
        CHECK(overlapped() == cudaErrorNotSupported);
        CHECK(says(refusal(), "which GPUs before 9.0 do not know"));
    }
    emulation::resetMachine();
}
