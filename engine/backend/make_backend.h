#pragma once

#include <memory>

#include "engine/backend/backend.h"
#include "engine/plan/placement_plan.h"

namespace ponder {

class CudaModule;

/// A plan, and the backend that was made for it.
struct PlannedBackend {
    PlacementPlan plan;
    std::unique_ptr<Backend> backend;
};

/// Plans a network on this machine, as it is now, and makes the backend. Where a GPU has less memory than the
/// plan counted with, it is planned again. DeviceChoice::Auto ends on the CPU where no GPU can be used; the
/// plan's remark says why. cuda: null: there are no GPUs. Fails as planPlacement() and the backends do.
[[nodiscard]] Result<PlannedBackend> makeBackend(
    const Network& network, const CudaModule* cuda, const PlacementRequest& request);

/// The same without GPUs, whatever request.device says.
[[nodiscard]] Result<PlannedBackend> makeBackendOnCpu(
    const Network& network, PlacementRequest request);

} // namespace ponder
