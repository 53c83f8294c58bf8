#pragma once

#include <cstddef>

#include "kernels/cuda/runtime/status.h"

namespace ponder::kernels::cuda {

/// What a GPU has for the blocks of a kernel. The numbers of a H100, until a device is asked.
struct DeviceLimits {
    int multiprocessors = 132; ///< grids are made for so many
    int major = 9; ///< of the compute capability
    std::size_t sharedPerBlock = std::size_t{227} << 10U; ///< bytes, static and dynamic together
    std::size_t sharedPerMultiprocessor = std::size_t{228} << 10U; ///< bytes

    /// The most dynamic shared memory that a launch asks for: kernels also have static arrays.
    [[nodiscard]] constexpr std::size_t mostShared() const { return sharedPerBlock - kMaxStatic; }
    /// The most with which two blocks are on a multiprocessor at once. The system takes 1 KiB of each.
    [[nodiscard]] constexpr std::size_t sharedOfTwo() const
    {
        return sharedPerMultiprocessor / 2 - kSystem - kUsualStatic;
    }

    static constexpr std::size_t kMaxStatic = 3U << 10U; ///< bytes that arrays of kernels take

private:
    static constexpr std::size_t kUsualStatic = 1U << 10U;
    static constexpr std::size_t kSystem = 1U << 10U;
};

/// Where memory is planned before a GPU is known: as if no vector fitted into shared memory, so that what is planned
/// is enough on every GPU.
inline constexpr DeviceLimits kUnknownGpu{
    .multiprocessors = 1, .sharedPerBlock = DeviceLimits::kMaxStatic};

/// Asks the device.
[[nodiscard]] Outcome<DeviceLimits> deviceLimits(int device);

} // namespace ponder::kernels::cuda
