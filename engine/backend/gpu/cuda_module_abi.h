#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/plan/machine.h"
#include "engine/plan/placement_plan.h"
#include "kernels/selfcheck/check_result.h"

// What libponder-cuda.so shows to the program that loads it, and nothing else. Program and module are made
// from the same sources by the same compiler; the number tells when they are not.

namespace ponder {

using CheckProgress = std::function<void(const kernels::CheckResult&)>;

/// Changes by itself with the size of what crosses the border; raise its first number when the meaning of
/// something does.
inline constexpr std::uint64_t kCudaModuleAbi = [] {
    std::uint64_t abi = 4;
    for (const std::uint64_t size :
        {sizeof(Network), sizeof(Layer), sizeof(MlaAttention), sizeof(GqaAttention),
            sizeof(MoeFeedForward), sizeof(WeightMatrix), sizeof(PlacementPlan), sizeof(GpuShare),
            sizeof(Gpu), sizeof(Error), sizeof(kernels::CheckResult), sizeof(kernels::LogitSummary),
            sizeof(Batch), sizeof(Evaluated)})
        abi = abi * 1099511628211U + size;
    return abi;
}();

/// Of the module in use; see CudaModule for what they do.
struct CudaModuleEntries {
    void (*devices)(Result<std::vector<Gpu>>& out) = nullptr;
    void (*makeBackend)(
        const Network& network, const PlacementPlan& plan, Result<std::unique_ptr<Backend>>& out)
        = nullptr;
    void (*selfcheck)(
        int device, const CheckProgress& progress, Result<std::vector<kernels::CheckResult>>& out)
        = nullptr;
    void (*copyBandwidth)(int device, Result<double>& out) = nullptr;
    void (*release)(int kept) = nullptr;
};

} // namespace ponder

extern "C" {
/// kCudaModuleAbi, as the module was compiled with it. Any module has this one.
__attribute__((visibility("default"))) std::uint64_t ponderCudaModuleAbi();
/// Only called where the number is right.
__attribute__((visibility("default"))) void ponderCudaModuleEntries(ponder::CudaModuleEntries& out);
}
