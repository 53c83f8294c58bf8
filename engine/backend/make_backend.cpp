#include "engine/backend/make_backend.h"

#include <algorithm>

#include "engine/backend/cpu/cpu_backend.h"
#include "engine/backend/gpu/cuda_module.h"

namespace ponder {
namespace {

constexpr int kMaxPlans = 4;

Result<PlannedBackend> cpuBackendFor(const Network& network, PlacementPlan plan)
{
    auto backend = makeCpuBackend(network,
        {.contextLength = plan.contextLength, .batch = plan.batch, .threads = plan.threads});
    if (!backend)
        return tl::unexpected(backend.error());
    return PlannedBackend{std::move(plan), std::move(*backend)};
}

/// A GPU whose memory ran out in spite of the plan has less than it reported.
void reduceMemory(Machine& machine, const GpuShare& share)
{
    for (Gpu& gpu : machine.gpus) {
        if (gpu.index == share.gpu.index)
            gpu.availableBytes = std::min(
                gpu.availableBytes, share.gpu.availableBytes - share.gpu.availableBytes / 8);
    }
}

} // namespace

Result<PlannedBackend> makeBackendOnCpu(const Network& network, PlacementRequest request)
{
    request.device = {DeviceChoice::Kind::Cpu};
    auto plan = planPlacement(network, Machine::detect(), request);
    if (!plan)
        return tl::unexpected(plan.error());
    return cpuBackendFor(network, std::move(*plan));
}

Result<PlannedBackend> makeBackend(
    const Network& network, const CudaModule* cuda, const PlacementRequest& request)
{
    using Kind = DeviceChoice::Kind;
    if (cuda == nullptr || request.device.kind == Kind::Cpu) {
        auto plan = planPlacement(network, Machine::detect(), request);
        if (!plan)
            return tl::unexpected(plan.error());
        return cpuBackendFor(network, std::move(*plan));
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
            reduceMemory(machine, *failed);
        auto plan = planPlacement(network, machine, request);
        if (!plan)
            return tl::unexpected(plan.error());
        if (!plan->gpu)
            return cpuBackendFor(network, std::move(*plan));
        auto backend = cuda->makeBackend(network, *plan);
        if (backend) {
            std::string remark;
            if (failed)
                remark = "The GPU had less memory than a moment before, so it was planned again.";
            else
                remark = (*backend)->report().remark;
            if (!remark.empty()) // beside what the plan says of the disk
                plan->remark += (plan->remark.empty() ? "" : " ") + remark;
            return PlannedBackend{std::move(*plan), std::move(*backend)};
        }
        why = backend.error();
        if (why.code != ErrorCode::OutOfMemory)
            break;
        failed = plan->gpu;
    }
    if (request.device.kind == Kind::Cuda)
        return tl::unexpected(why);
    auto made = makeBackendOnCpu(network, request);
    if (made) {
        const std::string disk = made->plan.remark;
        made->plan.remark
            = why.message + " The processor computes it all." + (disk.empty() ? "" : " " + disk);
    }
    return made;
}

} // namespace ponder
