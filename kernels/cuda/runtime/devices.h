#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "kernels/cuda/runtime/status.h"

namespace ponder::kernels::cuda {

/// A GPU of this machine.
struct DeviceInfo {
    int index = 0; ///< CUDA's number for it
    std::string name;
    int major = 0, minor = 0; ///< compute capability
    int multiprocessors = 0;
    std::size_t totalBytes = 0; ///< of its memory
    std::size_t freeBytes = 0; ///< of these, when it was asked
    std::size_t sharedBytesPerBlock = 0; ///< the most that a block may ask for
    std::size_t cacheBytes = 0; ///< L2
    bool integrated = false; ///< its memory is the processor's
};

/// The GPUs of this machine, in CUDA's order; none where there is no driver or no GPU (that is no
/// failure). Where NVIDIA's management library is missing, asking for free memory makes a context on each
/// device: some 300 MB of GPU memory until the process ends or the device is reset.
[[nodiscard]] Outcome<std::vector<DeviceInfo>> listDevices();

/// Makes a device the calling thread's: every other call of that thread acts on it.
Status useDevice(int index);

/// Memory of the thread's device, in bytes.
struct MemoryInfo {
    std::size_t free = 0;
    std::size_t total = 0;
};
[[nodiscard]] Outcome<MemoryInfo> memoryInfo();

/// Waits until the thread's device has done everything, and says whether it is still well.
Status finishDevice();

} // namespace ponder::kernels::cuda
