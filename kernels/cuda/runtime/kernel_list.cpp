#include "kernels/cuda/runtime/kernel_list.h"

#include <atomic>
#include <mutex>

#include "kernels/cuda/runtime/limits.h"
#include "kernels/cuda/runtime/switches.h"

namespace ponder::kernels::cuda {
namespace {

constexpr int kMaxDevices = 64; // further ones are asked each time
constexpr int kOverlapMajor = 9; // compute capability with programmatic dependent launch

KernelEntry*& list()
{
    static KernelEntry* first = nullptr; // before all entries, whatever their order
    return first;
}

std::mutex preparing; // NOLINT(cert-err58-cpp): its constructor is constexpr
std::atomic<bool> isPrepared[kMaxDevices];
std::atomic<int> majorOf[kMaxDevices]; // 0: not asked yet

/// Shared memory is divided between L1 and blocks the same way for all, since only kernels with the same
/// division run beside each other.
Status prepare(const KernelEntry& kernel, std::size_t sharedPerBlock)
{
    const char* const name = kernel.name.c_str();
    cudaFuncAttributes attributes{};
    if (const cudaError_t error = cudaFuncGetAttributes(&attributes, kernel.function);
        error != cudaSuccess)
        return {error, name};
    const auto dynamic = static_cast<int>(sharedPerBlock - attributes.sharedSizeBytes);
    if (const cudaError_t error = cudaFuncSetAttribute(
            kernel.function, cudaFuncAttributeMaxDynamicSharedMemorySize, dynamic);
        error != cudaSuccess)
        return {error, name};
    return {cudaFuncSetAttribute(kernel.function, cudaFuncAttributePreferredSharedMemoryCarveout,
                cudaSharedmemCarveoutMaxShared),
        name};
}

int majorOfDevice(int device)
{
    int major = 0;
    if (cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device) != cudaSuccess)
        (void)cudaGetLastError(); // the launch that comes says what is wrong
    return major;
}

} // namespace

KernelEntry::KernelEntry(const void* kernel, std::string_view words)
    : function(kernel)
    , name(words)
    , next(list())
{
    list() = this;
}

std::string_view detail::kernelName(std::string_view function)
{
    constexpr std::string_view kBefore = "kKernel = ";
    const std::size_t at = function.find(kBefore);
    if (at == std::string_view::npos)
        return function;
    function.remove_prefix(at + kBefore.size());
    return function.substr(0, function.find_first_of(";]"));
}

Status prepareKernels()
{
    int device = 0;
    if (const cudaError_t error = cudaGetDevice(&device); error != cudaSuccess)
        return {error, "cudaGetDevice"};
    const std::lock_guard lock(preparing);
    if (device < kMaxDevices && isPrepared[device])
        return {};
    const auto limits = deviceLimits(device);
    if (!limits)
        return limits.error();
    for (const KernelEntry* kernel = list(); kernel != nullptr; kernel = kernel->next)
        PONDER_CUDA_TRY(prepare(*kernel, limits->sharedPerBlock));
    if (device < kMaxDevices)
        isPrepared[device] = true;
    return {};
}

bool isKernelListed(std::string_view words)
{
    for (const KernelEntry* kernel = list(); kernel != nullptr; kernel = kernel->next) {
        if (kernel->name.find(words) != std::string::npos)
            return true;
    }
    return false;
}

void forgetPrepared(int device)
{
    if (device >= 0 && device < kMaxDevices)
        isPrepared[device] = false;
}

bool overlaps()
{
    if (switches().noOverlap)
        return false;
    int device = 0;
    if (cudaGetDevice(&device) != cudaSuccess)
        return false;
    if (device >= kMaxDevices)
        return majorOfDevice(device) >= kOverlapMajor;
    if (majorOf[device] == 0)
        majorOf[device] = majorOfDevice(device);
    return majorOf[device] >= kOverlapMajor;
}

} // namespace ponder::kernels::cuda
