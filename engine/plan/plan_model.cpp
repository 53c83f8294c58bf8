#include "engine/plan/plan_model.h"

#include "engine/file/disk_speed.h"

namespace ponder {

Result<PlacementPlan> planModel(
    const Model& model, const Machine& machine, PlacementRequest request)
{
    auto plan = planPlacement(model.network(), machine, request);
    if (!plan && opensLargerThanMemory(plan.error())) {
        request.diskBandwidth = measureDiskSpeed(model.file());
        plan = planPlacement(model.network(), machine, request);
    }
    return plan;
}

} // namespace ponder
