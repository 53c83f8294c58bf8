#include "kernels/cuda/runtime/driver.h"

#include <memory>

#include <dlfcn.h>

#include "kernels/cuda/device.h"

namespace ponder::kernels::cuda {

#ifdef PONDER_CUDA_EMULATED

bool hasContext(int device)
{
    return emulation::hasContext(device);
}

std::optional<std::size_t> freeWithoutContext(int device)
{
    return emulation::machine().hasManagement ? std::optional(emulation::freeBytes(device))
                                              : std::nullopt;
}

#else

namespace {

struct CloseLibrary {
    void operator()(void* library) const { ::dlclose(library); }
};
using Library = std::unique_ptr<void, CloseLibrary>;

template <typename Function> Function* find(const Library& library, const char* name)
{
    return library == nullptr ? nullptr : reinterpret_cast<Function*>(::dlsym(library.get(), name));
}

// As nvml.h has them, which does not come with CUDA's runtime.
using NvmlDevice = void*;
struct NvmlMemory {
    unsigned long long total, free, used;
};

std::optional<std::size_t> freeBy(const Library& nvml, const char* busId)
{
    auto* const byBusId
        = find<int(const char*, NvmlDevice*)>(nvml, "nvmlDeviceGetHandleByPciBusId_v2");
    auto* const memoryOf = find<int(NvmlDevice, NvmlMemory*)>(nvml, "nvmlDeviceGetMemoryInfo");
    NvmlDevice device = nullptr;
    NvmlMemory memory{};
    if (byBusId == nullptr || memoryOf == nullptr || byBusId(busId, &device) != 0
        || memoryOf(device, &memory) != 0)
        return std::nullopt;
    return memory.free;
}

} // namespace

bool hasContext(int device)
{
    const Library driver(::dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD));
    auto* const stateOf = find<int(int, unsigned*, int*)>(driver, "cuDevicePrimaryCtxGetState");
    auto* const handleOf = find<int(int*, int)>(driver, "cuDeviceGet");
    int handle = 0;
    unsigned flags = 0;
    int active = 0;
    if (stateOf == nullptr || handleOf == nullptr || handleOf(&handle, device) != 0
        || stateOf(handle, &flags, &active) != 0)
        return true;
    return active != 0;
}

std::optional<std::size_t> freeWithoutContext(int device)
{
    char busId[32];
    if (cudaDeviceGetPCIBusId(busId, sizeof busId, device) != cudaSuccess) {
        (void)cudaGetLastError();
        return std::nullopt;
    }
    const Library nvml(::dlopen("libnvidia-ml.so.1", RTLD_LAZY));
    auto* const begin = find<int()>(nvml, "nvmlInit_v2");
    auto* const end = find<int()>(nvml, "nvmlShutdown");
    if (begin == nullptr || end == nullptr || begin() != 0)
        return std::nullopt;
    const auto free = freeBy(nvml, busId);
    (void)end();
    return free;
}

#endif

} // namespace ponder::kernels::cuda
