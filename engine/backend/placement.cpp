#include "engine/backend/placement.h"

#include <algorithm>

#include "engine/backend/cpu/cpu_backend.h"
#include "engine/backend/gpu/cuda_module.h"

namespace ponder {
namespace {

constexpr int kMaxPlans = 4;

Result<Placed> onProcessor(const Network& network, PlacementPlan plan)
{
    auto backend = makeCpuBackend(network,
        {.contextLength = plan.contextLength, .batch = plan.batch, .threads = plan.threads});
    if (!backend)
        return tl::unexpected(backend.error());
    return Placed{std::move(plan), std::move(*backend)};
}

/// Where a GPU's memory ran out in spite of the plan, it has less than it said.
void believeLess(Machine& machine, const GpuShare& share)
{
    for (Gpu& gpu : machine.gpus) {
        if (gpu.index == share.gpu.index)
            gpu.availableBytes = std::min(
                gpu.availableBytes, share.gpu.availableBytes - share.gpu.availableBytes / 8);
    }
}

} // namespace

Result<Placed> placeOnProcessor(const Network& network, PlacementWish wish)
{
    wish.device = {DeviceChoice::Kind::Cpu};
    auto plan = planPlacement(network, Machine::detect(), wish);
    if (!plan)
        return tl::unexpected(plan.error());
    return onProcessor(network, std::move(*plan));
}

Result<Placed> place(const Network& network, const CudaModule* cuda, const PlacementWish& wish)
{
    using Kind = DeviceChoice::Kind;
    if (cuda == nullptr || wish.device.kind == Kind::Cpu) {
        auto plan = planPlacement(network, Machine::detect(), wish);
        if (!plan)
            return tl::unexpected(plan.error());
        return onProcessor(network, std::move(*plan));
    }
    Error why;
    std::optional<GpuShare> failed;
    for (int attempt = 0; attempt < kMaxPlans; ++attempt) {
        Machine machine = Machine::detect();
        auto gpus = cuda->devices();
        if (!gpus) {
            why = gpus.error();
            break;
        }
        machine.gpus = std::move(*gpus);
        if (failed)
            believeLess(machine, *failed);
        auto plan = planPlacement(network, machine, wish);
        if (!plan)
            return tl::unexpected(plan.error());
        if (!plan->gpu)
            return onProcessor(network, std::move(*plan));
        auto backend = cuda->makeBackend(network, *plan);
        if (backend) {
            std::string remark;
            if (failed)
                remark = "The GPU had less memory than a moment before, so it was planned again.";
            else
                remark = (*backend)->report().remark;
            if (!remark.empty()) // beside what the plan says of the disk
                plan->remark += (plan->remark.empty() ? "" : " ") + remark;
            return Placed{std::move(*plan), std::move(*backend)};
        }
        why = backend.error();
        if (why.code != ErrorCode::OutOfMemory)
            break;
        failed = plan->gpu;
    }
    if (wish.device.kind == Kind::Cuda)
        return tl::unexpected(why);
    auto placed = placeOnProcessor(network, wish);
    if (placed) {
        const std::string disk = placed->plan.remark;
        placed->plan.remark
            = why.message + " The processor computes it all." + (disk.empty() ? "" : " " + disk);
    }
    return placed;
}

} // namespace ponder
