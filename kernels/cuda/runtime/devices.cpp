#include "kernels/cuda/runtime/devices.h"

#include <algorithm>

#include "kernels/cuda/runtime/driver.h"

namespace ponder::kernels::cuda {

namespace {

Status describe(int index, DeviceInfo& info)
{
    cudaDeviceProp properties;
    if (const cudaError_t error = cudaGetDeviceProperties(&properties, index); error != cudaSuccess)
        return {error, "cudaGetDeviceProperties"};
    info.index = index;
    info.name = properties.name;
    info.major = properties.major;
    info.minor = properties.minor;
    info.multiprocessors = properties.multiProcessorCount;
    info.totalBytes = properties.totalGlobalMem;
    info.sharedBytesPerBlock = properties.sharedMemPerBlockOptin;
    info.cacheBytes = static_cast<std::size_t>(properties.l2CacheSize);
    info.integrated = properties.integrated != 0;
    if (!hasContext(index)) {
        if (const auto free = freeWithoutContext(index)) {
            // Where the device is a part of a GPU, the numbers are of the whole.
            info.freeBytes = std::min(*free, info.totalBytes);
            return {};
        }
    }
    PONDER_CUDA_TRY(useDevice(index));
    const auto memory = memoryInfo();
    if (!memory)
        return memory.error();
    info.freeBytes = memory->free;
    return {};
}

} // namespace

Outcome<std::vector<DeviceInfo>> listDevices()
{
    int count = 0;
    if (cudaGetDeviceCount(&count) != cudaSuccess) {
        (void)cudaGetLastError(); // no driver, or none that is new enough: no device
        return std::vector<DeviceInfo>{};
    }
    int before = 0;
    const bool hadContext = cudaGetDevice(&before) == cudaSuccess && hasContext(before);
    std::vector<DeviceInfo> devices(static_cast<std::size_t>(count));
    Status status;
    for (int i = 0; i < count && status.ok(); ++i)
        status = describe(i, devices[static_cast<std::size_t>(i)]);
    if (hadContext)
        (void)cudaSetDevice(before);
    if (!status.ok())
        return tl::unexpected(status);
    return devices;
}

Status useDevice(int index)
{
    return {cudaSetDevice(index), "cudaSetDevice"};
}

Outcome<MemoryInfo> memoryInfo()
{
    MemoryInfo info;
    if (const cudaError_t error = cudaMemGetInfo(&info.free, &info.total); error != cudaSuccess)
        return tl::unexpected(Status{error, "cudaMemGetInfo"});
    return info;
}

Status finishDevice()
{
    return {cudaDeviceSynchronize(), "cudaDeviceSynchronize"};
}

} // namespace ponder::kernels::cuda
