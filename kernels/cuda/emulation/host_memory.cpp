#include "kernels/cuda/emulation/host_state.h"

#include <algorithm>
#include <cstring>

// Memory and copies.

namespace ponder::emulation {

namespace {

constexpr std::size_t kGuard = 256; // bytes after an allocation
constexpr unsigned char kGuardByte = 0xA5;
constexpr unsigned char kPoison = 0xFF; // NaN as a float

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

} // namespace

} // namespace ponder::emulation

using namespace ponder::emulation;

cudaError_t cudaMalloc(void** memory, std::size_t bytes)
{
    PONDER_REFUSE_WHILE_RECORDING("cudaMalloc");
    return allocate(memory, bytes, true);
}

cudaError_t cudaFree(void* memory)
{
    PONDER_REFUSE_WHILE_RECORDING("cudaFree");
    return release(memory, true);
}

cudaError_t cudaHostAlloc(void** memory, std::size_t bytes, unsigned)
{
    PONDER_REFUSE_WHILE_RECORDING("cudaHostAlloc");
    return allocate(memory, bytes, false);
}

cudaError_t cudaFreeHost(void* memory)
{
    PONDER_REFUSE_WHILE_RECORDING("cudaFreeHost");
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
    PONDER_REFUSE_WHILE_RECORDING("cudaMemcpy");
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
    PONDER_REFUSE_WHILE_RECORDING("cudaMemset");
    const cudaError_t error = cudaMemsetAsync(memory, value, bytes, nullptr);
    return error != cudaSuccess ? error : cudaStreamSynchronize(nullptr);
}
