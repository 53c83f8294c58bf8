#pragma once

#include <string>
#include <string_view>

#include "kernels/cuda/runtime/status.h"

namespace ponder::kernels::cuda {

/// Every kernel that is launched somewhere in the program, known from its start.
class KernelEntry {
public:
    KernelEntry(const void* kernel, std::string_view words);

    const void* const function;
    const std::string name;
    KernelEntry* const next; ///< in the list of all
};

namespace detail {

/// The words between "kKernel = " and the next ';' or ']' of __PRETTY_FUNCTION__.
[[nodiscard]] std::string_view kernelName(std::string_view function);

template <auto kKernel> [[nodiscard]] std::string_view kernelName()
{
    return kernelName(__PRETTY_FUNCTION__);
}

} // namespace detail

/// Puts kKernel into the list, before main(), where something refers to `entry`.
template <auto kKernel> struct ListedKernel {
    static KernelEntry entry;
};
template <auto kKernel>
KernelEntry ListedKernel<kKernel>::entry(
    reinterpret_cast<const void*>(kKernel), detail::kernelName<kKernel>());

/// Makes every kernel ready on the thread's device: loads it, so that none is loaded while a step is recorded, and
/// allows it all of the shared memory that a block may have there. A launch never changes that: recorded steps
/// depend on it. Once for each device; any thread. cudaErrorNoKernelImageForDevice: the program was not
/// compiled for this GPU.
Status prepareKernels();

/// Whether one of the kernels has these words in its name.
[[nodiscard]] bool isKernelListed(std::string_view words);

/// A device was reset: what was prepared on it is gone.
void forgetPrepared(int device);

/// Whether kernels on the thread's device may start while the one before still runs.
[[nodiscard]] bool overlaps();

} // namespace ponder::kernels::cuda
