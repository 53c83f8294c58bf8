#pragma once

#include <memory>

#include "engine/backend/backend.h"
#include "engine/plan/placement_plan.h"

namespace ponder {

class CudaModule;

/// A plan and what runs it.
struct Placed {
    PlacementPlan plan;
    std::unique_ptr<Backend> backend;
};

/// Plans a network on this machine, as it is now, and makes the backend. Where a GPU has less memory than
/// it had when it was planned with, it is planned again. DeviceChoice::Auto ends on the processor where no
/// GPU will do; the plan's remark says why. cuda: null: there are no GPUs. Fails as planPlacement() and the
/// backends do.
[[nodiscard]] Result<Placed> place(
    const Network& network, const CudaModule* cuda, const PlacementWish& wish);

/// The same without GPUs, whatever wish.device says.
[[nodiscard]] Result<Placed> placeOnProcessor(const Network& network, PlacementWish wish);

} // namespace ponder
