#pragma once

#include <cstdint>
#include <optional>

#include "engine/plan/placement_plan.h"

namespace ponder {

/// Bytes left to the desktop on a GPU: a twenty-fourth of it, from 384 MiB to 1 GiB.
[[nodiscard]] std::uint64_t gpuReserve(std::uint64_t memoryBytes);

/// Bytes that the backend keeps on a GPU for a batch, in addition to weights and cache.
[[nodiscard]] std::uint64_t gpuWorkBytes(const Network& network, std::uint64_t batch);

/// Bytes that a plan keeps in RAM in addition to its weights there: CPU buffers for a batch where some layer runs there,
/// logits and pinned pieces of transfers.
[[nodiscard]] std::uint64_t hostWorkBytes(
    const Network& network, std::uint64_t batch, bool gpuHasAll);

/// Bytes of GPU memory for uploading routed experts from RAM, in two halves. The same number of bytes is pinned in
/// RAM. 0 where no expert can be uploaded.
[[nodiscard]] std::uint64_t expertStreamBytes(const Network& network);

/// Bytes of pinned memory for loading experts into the expert cache.
inline constexpr std::uint64_t kCacheStagingBytes = std::uint64_t{96} << 20U;

/// The plan with this GPU, or nothing where not even one layer fits there together with embedding and head, or
/// what is left does not fit in usableRam with the smallest context.
[[nodiscard]] std::optional<PlacementPlan> planOnGpu(const Network& network, const Machine& machine,
    const Gpu& gpu, const PlacementRequest& request, std::uint64_t usableRam);

/// The processor's own buffers for a batch.
[[nodiscard]] std::uint64_t cpuWorkBytes(const Network& network, std::uint64_t batch);

} // namespace ponder
