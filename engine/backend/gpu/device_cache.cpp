#include "engine/backend/gpu/device_cache.h"

#include "kernels/cuda/runtime/memory.h"

namespace ponder {

using kernels::cuda::copyBytes;
using kernels::cuda::Status;

namespace {

/// use(rows) for every table. MLA's values lie in the rows of its keys and are no table of their own.
template <typename Use> void forEachTable(const std::vector<DeviceLayer>& layers, const Use& use)
{
    for (const DeviceLayer& layer : layers) {
        use(layer.keys);
        if (cacheRows(layer.layer->attention).valueDim > 0)
            use(layer.values);
    }
}

/// copy(rows on the device, their bytes) head by head: the rows of a head lie together.
template <typename Copy>
Status forEachHead(const std::vector<DeviceLayer>& layers, TokenRange positions, const Copy& copy)
{
    Status status;
    forEachTable(layers, [&](const kernels::cuda::CacheRows& rows) {
        auto* table = static_cast<std::byte*>(rows.data);
        for (std::size_t h = 0; h < rows.heads && positions.count > 0 && status.ok(); ++h)
            status = copy(table + h * rows.headBytes + positions.first * rows.positionBytes,
                positions.count * rows.positionBytes);
    });
    return status;
}

} // namespace

std::vector<CacheTable> deviceCacheTables(const std::vector<DeviceLayer>& layers)
{
    std::vector<CacheTable> tables;
    forEachTable(layers, [&tables](const kernels::cuda::CacheRows& rows) {
        tables.push_back({.heads = static_cast<std::uint32_t>(rows.heads),
            .cols = static_cast<std::uint32_t>(rows.cols),
            .rowBytes = static_cast<std::uint32_t>(rows.positionBytes),
            .numberForm = static_cast<std::uint32_t>(rows.type)});
    });
    return tables;
}

std::size_t deviceCacheBytes(const std::vector<DeviceLayer>& layers, std::size_t positions)
{
    std::size_t bytes = 0;
    forEachTable(layers, [&](const kernels::cuda::CacheRows& rows) {
        bytes += rows.heads * positions * rows.positionBytes;
    });
    return bytes;
}

Status fetchCache(const std::vector<DeviceLayer>& layers, TokenRange positions,
    std::span<std::byte> rows, cudaStream_t stream)
{
    return forEachHead(layers, positions, [&](const std::byte* device, std::size_t bytes) {
        const Status copied = copyBytes(rows.data(), device, bytes, cudaMemcpyDeviceToHost, stream);
        rows = rows.subspan(bytes);
        return copied;
    });
}

Status sendCache(const std::vector<DeviceLayer>& layers, TokenRange positions,
    std::span<const std::byte> rows, cudaStream_t stream)
{
    return forEachHead(layers, positions, [&](std::byte* device, std::size_t bytes) {
        const Status copied = copyBytes(device, rows.data(), bytes, cudaMemcpyHostToDevice, stream);
        rows = rows.subspan(bytes);
        return copied;
    });
}

} // namespace ponder
