#pragma once

#include <cstddef>
#include <optional>

// What the driver says of a GPU without a context on it: a context takes some 300 MB of the GPU's memory.

namespace ponder::kernels::cuda {

/// Whether this process has a context on a device already. True where the driver does not say.
[[nodiscard]] bool hasContext(int device);

/// Bytes of a device's memory that nobody uses, by NVIDIA's management library; nothing where that is not
/// installed or does not know the device.
[[nodiscard]] std::optional<std::size_t> freeWithoutContext(int device);

} // namespace ponder::kernels::cuda
