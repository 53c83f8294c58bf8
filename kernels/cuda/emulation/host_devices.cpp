#include "kernels/cuda/emulation/host_state.h"

#include <algorithm>
#include <cstring>

// Devices, and what they are like.

using namespace ponder::emulation;

namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kReservedShared = kKiB; // of each block, by the system

/// Which GPUs give a block just so much: RTX 40, A100, H100.
void setCapability(cudaDeviceProp& properties, std::size_t shared)
{
    properties.major = shared <= 163 * kKiB ? 8 : 9;
    properties.minor = shared <= 99 * kKiB ? 9 : 0;
}

} // namespace

bool ponder::emulation::hasContext(int device)
{
    return state().contexts.contains(device);
}

std::size_t ponder::emulation::freeBytes(int)
{
    return machine().memory - std::min(machine().memory, machine().deviceBytes);
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
    state().contexts.insert(device);
    return result(cudaSuccess);
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device)
{
    if (device < 0 || device >= machine().devices)
        return result(cudaErrorInvalidDevice);
    *properties = {};
    std::strcpy(properties->name, "Emulated GPU");
    properties->totalGlobalMem = machine().memory;
    properties->sharedMemPerBlock = 48 * kKiB;
    properties->sharedMemPerBlockOptin = machine().sharedPerBlock;
    properties->sharedMemPerMultiprocessor = machine().sharedPerBlock + kReservedShared;
    setCapability(*properties, machine().sharedPerBlock);
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
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
        *value = static_cast<int>(p.sharedMemPerMultiprocessor);
        break;
    case cudaDevAttrL2CacheSize:
        *value = p.l2CacheSize;
        break;
    }
    return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize()
{
    PONDER_REFUSE_WHILE_RECORDING("cudaDeviceSynchronize");
    drainAll();
    return result(cudaSuccess);
}

cudaError_t cudaDeviceReset()
{
    state().contexts.erase(state().device);
    std::erase_if(state().functions,
        [](const auto& function) { return function.first.first == state().device; });
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
    state().contexts.insert(state().device);
    *total = machine().memory;
    *free = freeBytes(state().device);
    return result(cudaSuccess);
}
