#pragma once

#include <span>
#include <vector>

#include "engine/backend/cache_bytes.h"
#include "engine/backend/gpu/device_layer.h"
#include "kernels/cuda/runtime/status.h"

namespace ponder {

/// The tables of the layers whose cache is on the GPU, in the order of CacheBytes.
[[nodiscard]] std::vector<CacheTable> deviceCacheTables(const std::vector<DeviceLayer>& layers);

/// Bytes that positions take in these tables.
[[nodiscard]] std::size_t deviceCacheBytes(
    const std::vector<DeviceLayer>& layers, std::size_t positions);

/// Queues copies of rows from and to the device. `rows`: of all deviceCacheTables(), of just their size; it
/// must live until the copies are done.
[[nodiscard]] kernels::cuda::Status fetchCache(const std::vector<DeviceLayer>& layers,
    TokenRange positions, std::span<std::byte> rows, cudaStream_t stream);
[[nodiscard]] kernels::cuda::Status sendCache(const std::vector<DeviceLayer>& layers,
    TokenRange positions, std::span<const std::byte> rows, cudaStream_t stream);

} // namespace ponder
