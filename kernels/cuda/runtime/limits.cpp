#include "kernels/cuda/runtime/limits.h"

namespace ponder::kernels::cuda {

Outcome<DeviceLimits> deviceLimits(int device)
{
    DeviceLimits limits;
    int perBlock = 0;
    int perMultiprocessor = 0;
    const struct {
        int* to;
        cudaDeviceAttr attribute;
    } wanted[] = {
        {&limits.multiprocessors, cudaDevAttrMultiProcessorCount},
        {&limits.major, cudaDevAttrComputeCapabilityMajor},
        {&perBlock, cudaDevAttrMaxSharedMemoryPerBlockOptin},
        {&perMultiprocessor, cudaDevAttrMaxSharedMemoryPerMultiprocessor},
    };
    for (const auto& [to, attribute] : wanted) {
        if (const cudaError_t error = cudaDeviceGetAttribute(to, attribute, device);
            error != cudaSuccess)
            return tl::unexpected(Status{error, "cudaDeviceGetAttribute"});
    }
    limits.sharedPerBlock = static_cast<std::size_t>(perBlock);
    limits.sharedPerMultiprocessor = static_cast<std::size_t>(perMultiprocessor);
    return limits;
}

} // namespace ponder::kernels::cuda
