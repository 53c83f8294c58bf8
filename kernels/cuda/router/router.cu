#include "kernels/cuda/router/router.h"

#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/router/choice.cuh"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

namespace {

template <unsigned kPerLane>
__global__ void __launch_bounds__(kWarpSize) chooseForToken(RouterStep p)
{
    PONDER_SHARED_ARRAY(float, shared, kPerLane* kWarpSize);
    waitForPrevious();
    letNextStart();
    const std::size_t first = std::size_t{blockIdx.x} * p.rule.used;
    chooseExperts<kPerLane>(p, blockIdx.x, shared, p.experts + first, p.weights + first);
}

bool fits(const RouterStep& p)
{
    const RouterRule& rule = p.rule;
    return rule.experts > 0 && rule.experts <= kMaxRouterExperts && rule.used <= kMaxRouterUsed
        && rule.groups > 0 && rule.groups <= kMaxRouterGroups && rule.experts % rule.groups == 0
        && rule.used <= rule.experts && p.logits.cols == rule.experts;
}

} // namespace

bool routesInside(const RouterStep& p)
{
    return fits(p) && p.rule.experts <= kMaxExpertsInside;
}

Status route(const RouterStep& p, cudaStream_t stream)
{
    const RouterRule& rule = p.rule;
    if (!fits(p))
        return {cudaErrorInvalidValue, "route"};
    const auto tokens = static_cast<unsigned>(p.logits.rows);
    if (tokens == 0)
        return {};
    if (rule.experts <= 64)
        return PONDER_LAUNCH_OVERLAPPED(chooseForToken<2>, tokens, kWarpSize, 0, stream, p);
    if (rule.experts <= 128)
        return PONDER_LAUNCH_OVERLAPPED(chooseForToken<4>, tokens, kWarpSize, 0, stream, p);
    if (rule.experts <= 256)
        return PONDER_LAUNCH_OVERLAPPED(chooseForToken<8>, tokens, kWarpSize, 0, stream, p);
    return PONDER_LAUNCH_OVERLAPPED(chooseForToken<32>, tokens, kWarpSize, 0, stream, p);
}

} // namespace ponder::kernels::cuda
