#pragma once

#include <cstddef>

#include "kernels/cuda/device.h"
#include "kernels/cuda/runtime/limits.h"

namespace ponder::kernels::cuda {

/// Where and with what the products run. One stream's work at a time uses the memory: calls on one
/// stream may share it, one after the other; calls on two streams may not.
struct Work {
    cudaStream_t stream = nullptr;
    DeviceLimits limits = {}; ///< of the device
    std::byte* memory = nullptr; ///< device memory, aligned to 256 bytes
    std::size_t bytes = 0; ///< of memory; what a call needs its ...Memory() function says
    /// The kernels may start while the one before them on the stream still runs (programmatic
    /// dependent launch): they fetch their first weights, then wait for it.
    bool overlap = false;
};

/// Tokens that the products take from one reading of the weights; with more, they are multiplied
/// on tensor cores, tile by tile.
inline constexpr std::size_t kMaxDecodeTokens = 8;

} // namespace ponder::kernels::cuda
