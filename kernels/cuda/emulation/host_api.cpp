#include "kernels/cuda/emulation/host_api.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <deque>
#include <map>
#include <memory>

namespace ponder::emulation {

using Work = std::function<void()>;

struct Graph {
    std::vector<Work> nodes;
};

struct Stream {
    std::deque<Work> queue;
    std::size_t queued = 0; // since the beginning
    std::size_t done = 0;
    std::shared_ptr<Graph> capture; // into which it records
    bool captureOrigin = false;
};

struct Event {
    Stream* stream = nullptr;
    std::size_t position = 0; // in stream
    std::shared_ptr<Graph> capture; // that it was recorded in
    std::chrono::steady_clock::time_point time;
};

namespace {

constexpr std::size_t kGuard = 256; // bytes behind an allocation
constexpr unsigned char kGuardByte = 0xA5;
constexpr unsigned char kPoison = 0xFF; // NaN as a float

struct Allocation {
    std::unique_ptr<std::byte[]> memory;
    std::size_t bytes = 0;
    bool device = false;
};

struct State {
    Machine machine;
    cudaError_t sticky = cudaSuccess; // the device is lost
    cudaError_t last = cudaSuccess;
    int device = 0;
    std::map<const std::byte*, Allocation> memory;
    std::vector<std::unique_ptr<Stream>> streams;
    Stream nullStream;
    FiberStacks stacks;
};

State& state()
{
    static State s;
    return s;
}

cudaError_t result(cudaError_t error)
{
    State& s = state();
    if (error == cudaSuccess)
        error = s.sticky;
    if (error != cudaSuccess)
        s.last = error;
    return error;
}

cudaError_t wrong(cudaError_t error, const std::string& what)
{
    state().machine.failures.push_back(what);
    return result(error);
}

Stream& streamOf(cudaStream_t stream)
{
    return stream == nullptr ? state().nullStream : *stream;
}

void drain(Stream& stream, std::size_t upTo)
{
    while (stream.done < upTo && !stream.queue.empty()) {
        const Work work = std::move(stream.queue.front());
        stream.queue.pop_front();
        ++stream.done;
        if (state().sticky == cudaSuccess)
            work();
    }
}

void drainAll()
{
    for (const auto& stream : state().streams)
        drain(*stream, stream->queued);
    drain(state().nullStream, state().nullStream.queued);
}

cudaError_t enqueue(cudaStream_t stream, Work work)
{
    Stream& s = streamOf(stream);
    if (s.capture != nullptr) {
        s.capture->nodes.push_back(std::move(work));
        return result(cudaSuccess);
    }
    s.queue.push_back(std::move(work));
    ++s.queued;
    return result(cudaSuccess);
}

// The allocation that an address lies in.
const Allocation* allocationOf(const void* p)
{
    const auto& memory = state().memory;
    const auto* address = static_cast<const std::byte*>(p);
    auto next = memory.upper_bound(address);
    if (next == memory.begin())
        return nullptr;
    --next;
    return address < next->first + next->second.bytes ? &next->second : nullptr;
}

bool isInside(const void* p, std::size_t bytes, bool device)
{
    const Allocation* a = allocationOf(p);
    if (a == nullptr)
        return !device; // ordinary host memory
    const auto* begin
        = std::prev(state().memory.upper_bound(static_cast<const std::byte*>(p)))->first;
    return a->device == device && static_cast<const std::byte*>(p) + bytes <= begin + a->bytes;
}

std::string checkCopy(const void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind)
{
    if (kind == cudaMemcpyDefault || bytes == 0)
        return {};
    const bool toDevice = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
    const bool fromDevice = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
    if (!isInside(to, bytes, toDevice))
        return "a copy to memory that is not there, or not where the copy says";
    if (!isInside(from, bytes, fromDevice))
        return "a copy from memory that is not there, or not where the copy says";
    return {};
}

cudaError_t allocate(void** memory, std::size_t bytes, bool device)
{
    State& s = state();
    *memory = nullptr;
    if (s.sticky != cudaSuccess)
        return result(s.sticky);
    Machine& m = s.machine;
    if (m.allocationsUntilFull == 0)
        return result(cudaErrorMemoryAllocation);
    if (m.allocationsUntilFull > 0)
        --m.allocationsUntilFull;
    if (device && bytes > m.memory - std::min(m.memory, m.deviceBytes))
        return result(cudaErrorMemoryAllocation);
    Allocation a;
    a.memory.reset(new (std::nothrow) std::byte[bytes + 256 + kGuard]);
    if (a.memory == nullptr)
        return result(cudaErrorMemoryAllocation);
    a.bytes = bytes;
    a.device = device;
    const auto address = reinterpret_cast<std::uintptr_t>(a.memory.get());
    std::byte* start = a.memory.get() + ((address + 255) / 256 * 256 - address);
    std::memset(start, kPoison, bytes);
    std::memset(start + bytes, kGuardByte, kGuard);
    (device ? m.deviceBytes : m.hostBytes) += bytes;
    s.memory.emplace(start, std::move(a));
    *memory = start;
    return cudaSuccess;
}

cudaError_t release(void* memory, bool device)
{
    if (memory == nullptr)
        return result(cudaSuccess);
    State& s = state();
    drainAll(); // as CUDA does
    const auto found = s.memory.find(static_cast<std::byte*>(memory));
    if (found == s.memory.end() || found->second.device != device)
        return wrong(cudaErrorInvalidValue, "memory is given back that was not allocated");
    const std::byte* end = found->first + found->second.bytes;
    const bool intact
        = std::all_of(end, end + kGuard, [](std::byte b) { return b == std::byte{kGuardByte}; });
    (device ? s.machine.deviceBytes : s.machine.hostBytes) -= found->second.bytes;
    const std::size_t bytes = found->second.bytes;
    s.memory.erase(found);
    if (!intact)
        return wrong(cudaErrorIllegalAddress,
            "something was written past the end of an allocation of " + std::to_string(bytes)
                + " bytes");
    return result(cudaSuccess);
}

void runKernel(const Launch& launch)
{
    State& s = state();
    const std::string what = runGrid(launch, s.machine.order, s.stacks);
    if (!what.empty()) {
        s.machine.failures.push_back(what);
        s.sticky = cudaErrorLaunchFailure;
    }
}

} // namespace

Machine& machine()
{
    return state().machine;
}

void resetMachine()
{
    State& s = state();
    const std::size_t device = s.machine.deviceBytes;
    const std::size_t host = s.machine.hostBytes;
    s.machine = {};
    s.machine.deviceBytes = device;
    s.machine.hostBytes = host;
    s.sticky = s.last = cudaSuccess;
    s.device = 0;
    for (const auto& stream : s.streams) {
        stream->queue.clear();
        stream->done = stream->queued;
        stream->capture.reset();
    }
    s.nullStream.queue.clear();
    s.nullStream.done = s.nullStream.queued;
}

cudaError_t launchKernel(const Launch& launch, cudaStream_t stream)
{
    Machine& m = machine();
    if (m.launchesUntilLoss == 0)
        state().sticky = m.loss;
    else if (m.launchesUntilLoss > 0)
        --m.launchesUntilLoss;
    return enqueue(stream, [launch] {
        ++machine().launches;
        runKernel(launch);
    });
}

} // namespace ponder::emulation

using namespace ponder::emulation;

const char* cudaGetErrorString(cudaError_t error)
{
    switch (error) {
    case cudaSuccess:
        return "no error";
    case cudaErrorMemoryAllocation:
        return "out of memory";
    case cudaErrorInvalidValue:
        return "invalid argument";
    case cudaErrorNoDevice:
        return "no CUDA-capable device is detected";
    case cudaErrorInvalidDevice:
        return "invalid device ordinal";
    case cudaErrorIllegalAddress:
        return "an illegal memory access was encountered";
    case cudaErrorLaunchFailure:
        return "unspecified launch failure";
    default:
        return "unknown error";
    }
}

const char* cudaGetErrorName(cudaError_t error)
{
    return error == cudaSuccess ? "cudaSuccess" : "cudaError";
}

cudaError_t cudaGetLastError()
{
    const cudaError_t last = state().last;
    state().last = state().sticky;
    return last;
}

cudaError_t cudaPeekAtLastError()
{
    return state().last;
}

cudaError_t cudaGetDeviceCount(int* count)
{
    *count = machine().devices;
    return machine().devices == 0 ? cudaErrorNoDevice : cudaSuccess;
}

cudaError_t cudaGetDevice(int* device)
{
    *device = state().device;
    return result(cudaSuccess);
}

cudaError_t cudaSetDevice(int device)
{
    if (device < 0 || device >= machine().devices)
        return result(cudaErrorInvalidDevice);
    state().device = device;
    return result(cudaSuccess);
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device)
{
    if (device < 0 || device >= machine().devices)
        return result(cudaErrorInvalidDevice);
    *properties = {};
    std::strcpy(properties->name, "Emulated GPU");
    properties->totalGlobalMem = machine().memory;
    properties->sharedMemPerBlockOptin = std::size_t{227} * 1024;
    properties->major = 9;
    properties->multiProcessorCount = 4;
    properties->l2CacheSize = 1 << 20;
    properties->memoryBusWidth = 64;
    properties->pciBusID = device;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device)
{
    cudaDeviceProp p;
    const cudaError_t error = cudaGetDeviceProperties(&p, device);
    if (error != cudaSuccess)
        return error;
    switch (attribute) {
    case cudaDevAttrMultiProcessorCount:
        *value = p.multiProcessorCount;
        break;
    case cudaDevAttrComputeCapabilityMajor:
        *value = p.major;
        break;
    case cudaDevAttrComputeCapabilityMinor:
        *value = p.minor;
        break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
        *value = static_cast<int>(p.sharedMemPerBlockOptin);
        break;
    case cudaDevAttrL2CacheSize:
        *value = p.l2CacheSize;
        break;
    }
    return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize()
{
    drainAll();
    return result(cudaSuccess);
}

cudaError_t cudaDeviceReset()
{
    return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int* version)
{
    *version = 13000;
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version)
{
    *version = 13000;
    return cudaSuccess;
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total)
{
    *total = machine().memory;
    *free = machine().memory - std::min(machine().memory, machine().deviceBytes);
    return result(cudaSuccess);
}

cudaError_t cudaMalloc(void** memory, std::size_t bytes)
{
    return allocate(memory, bytes, true);
}

cudaError_t cudaFree(void* memory)
{
    return release(memory, true);
}

cudaError_t cudaHostAlloc(void** memory, std::size_t bytes, unsigned)
{
    return allocate(memory, bytes, false);
}

cudaError_t cudaFreeHost(void* memory)
{
    return release(memory, false);
}

cudaError_t cudaHostRegister(void*, std::size_t, unsigned)
{
    return result(cudaSuccess);
}

cudaError_t cudaHostUnregister(void*)
{
    return result(cudaSuccess);
}

cudaError_t cudaMemcpyAsync(
    void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream)
{
    const std::string what = checkCopy(to, from, bytes, kind);
    if (!what.empty())
        return wrong(cudaErrorInvalidValue, what);
    const Allocation* source = allocationOf(from);
    if (kind == cudaMemcpyHostToDevice && source == nullptr && bytes > 0) {
        // Pageable memory is read before the call returns.
        const std::vector<std::byte> staged(
            static_cast<const std::byte*>(from), static_cast<const std::byte*>(from) + bytes);
        return enqueue(stream, [to, staged] { std::memcpy(to, staged.data(), staged.size()); });
    }
    return enqueue(stream, [=] {
        if (bytes > 0)
            std::memmove(to, from, bytes);
    });
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind)
{
    const cudaError_t error = cudaMemcpyAsync(to, from, bytes, kind, nullptr);
    return error != cudaSuccess ? error : cudaStreamSynchronize(nullptr);
}

cudaError_t cudaMemsetAsync(void* memory, int value, std::size_t bytes, cudaStream_t stream)
{
    if (bytes > 0 && !isInside(memory, bytes, true))
        return wrong(cudaErrorInvalidValue, "memory is set that is not there");
    return enqueue(stream, [=] {
        if (bytes > 0)
            std::memset(memory, value, bytes);
    });
}

cudaError_t cudaMemset(void* memory, int value, std::size_t bytes)
{
    const cudaError_t error = cudaMemsetAsync(memory, value, bytes, nullptr);
    return error != cudaSuccess ? error : cudaStreamSynchronize(nullptr);
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned)
{
    state().streams.push_back(std::make_unique<Stream>());
    *stream = state().streams.back().get();
    return result(cudaSuccess);
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    drain(*stream, stream->queued);
    std::erase_if(state().streams, [&](const auto& s) { return s.get() == stream; });
    return result(cudaSuccess);
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    Stream& s = streamOf(stream);
    if (s.capture != nullptr)
        return wrong(cudaErrorStreamCaptureUnsupported, "a stream is waited for while it records");
    drain(s, s.queued);
    return result(cudaSuccess);
}

cudaError_t cudaStreamQuery(cudaStream_t stream)
{
    return cudaStreamSynchronize(stream);
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned)
{
    *event = new Event;
    return result(cudaSuccess);
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    drainAll();
    delete event;
    return result(cudaSuccess);
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    Stream& s = streamOf(stream);
    event->capture = s.capture;
    const cudaError_t error
        = enqueue(stream, [event] { event->time = std::chrono::steady_clock::now(); });
    event->stream = &s;
    event->position = s.queued;
    return error;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned)
{
    Stream& s = streamOf(stream);
    if (event->capture != nullptr) {
        s.capture = event->capture; // joins; nodes run in the order of recording
        return result(cudaSuccess);
    }
    if (event->stream == nullptr)
        return result(cudaSuccess);
    return enqueue(
        stream, [from = event->stream, position = event->position] { drain(*from, position); });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
    if (event->capture != nullptr)
        return wrong(cudaErrorStreamCaptureUnsupported, "an event of a recording is waited for");
    if (event->stream != nullptr)
        drain(*event->stream, event->position);
    return result(cudaSuccess);
}

cudaError_t cudaEventQuery(cudaEvent_t event)
{
    return cudaEventSynchronize(event);
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t from, cudaEvent_t to)
{
    *milliseconds = std::chrono::duration<float, std::milli>(to->time - from->time).count();
    return result(cudaSuccess);
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data)
{
    return enqueue(stream, [=] { function(data); });
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode)
{
    if (stream == nullptr || stream->capture != nullptr)
        return wrong(cudaErrorStreamCaptureUnsupported, "this stream cannot record");
    stream->capture = std::make_shared<Graph>();
    stream->captureOrigin = true;
    return result(cudaSuccess);
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph)
{
    *graph = nullptr;
    if (stream->capture == nullptr || !stream->captureOrigin)
        return wrong(cudaErrorStreamCaptureInvalidated, "this stream did not begin to record");
    const std::shared_ptr<Graph> capture = stream->capture;
    for (const auto& other : state().streams) {
        if (other->capture == capture)
            other->capture.reset();
    }
    stream->captureOrigin = false;
    *graph = new Graph(*capture);
    return result(cudaSuccess);
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long)
{
    *exec = new Graph(*graph);
    return result(cudaSuccess);
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream)
{
    ++machine().graphLaunches;
    for (const auto& node : exec->nodes) {
        const cudaError_t error = enqueue(stream, node);
        if (error != cudaSuccess)
            return error;
    }
    return result(cudaSuccess);
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    delete graph;
    return result(cudaSuccess);
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
    drainAll();
    delete exec;
    return result(cudaSuccess);
}
