#pragma once

#include "engine/model/model.h"
#include "engine/plan/placement_plan.h"

namespace ponder {

/// planPlacement() of a model. Where its weights do not fit into memory, the speed of the disk that holds its file is
/// measured, so that the refusal says how slow it would be.
[[nodiscard]] Result<PlacementPlan> planModel(
    const Model& model, const Machine& machine, PlacementRequest request);

} // namespace ponder
