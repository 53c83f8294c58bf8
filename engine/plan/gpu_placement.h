#pragma once

#include <cstdint>
#include <optional>

#include "engine/plan/placement_plan.h"

namespace ponder {

/// Left to the desktop on a GPU: a twenty-fourth of it, from 384 MiB to 1 GiB.
[[nodiscard]] std::uint64_t gpuReserve(std::uint64_t memoryBytes);

/// What the backend keeps on a GPU for a batch, beside weights and cache.
[[nodiscard]] std::uint64_t gpuWorkBytes(const Network& network, std::uint64_t batch);

/// What a plan keeps in RAM beside its weights there: CPU buffers for a batch where some layer runs there,
/// logits and pinned pieces of transfers.
[[nodiscard]] std::uint64_t hostWorkBytes(
    const Network& network, std::uint64_t batch, bool gpuHasAll);

/// Memory of the GPU through which routed experts that lie in RAM go, in two halves, and as much pinned memory;
/// 0 where there are none that could.
[[nodiscard]] std::uint64_t expertStreamBytes(const Network& network);

/// Pinned memory through which experts come into the cache.
inline constexpr std::uint64_t kCacheStagingBytes = std::uint64_t{96} << 20U;

/// The plan with this GPU, or nothing where not even one layer beside embedding and head fits there, or
/// what is left does not fit in usableRam with the smallest context.
[[nodiscard]] std::optional<PlacementPlan> planOnGpu(const Network& network, const Machine& machine,
    const Gpu& gpu, const PlacementRequest& request, std::uint64_t usableRam);

/// The processor's own buffers for a batch.
[[nodiscard]] std::uint64_t cpuWorkBytes(const Network& network, std::uint64_t batch);

} // namespace ponder
