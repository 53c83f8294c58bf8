#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/runtime/status.h"
#include "kernels/types/router_rule.h"
#include "kernels/types/views.h"

namespace ponder::kernels::cuda {

/// What route() refuses to exceed (cudaErrorInvalidValue).
inline constexpr std::uint32_t kMaxRouterExperts = 1024, kMaxRouterUsed = 32, kMaxRouterGroups = 32;

/// Chooses each token's experts, best first, as chooseExperts() does on the processor. The rule has up to
/// kMaxRouterExperts experts, of which kMaxRouterUsed may be used, in up to kMaxRouterGroups groups of equal size.
struct RouterStep {
    RouterRule rule;
    ConstFloatRows logits; ///< [tokens, experts], f32: the router's product
    const float* logitBias = nullptr; ///< [experts] or null: added to the logits
    const float* selectionBias = nullptr; ///< [experts] or null: added for the choice only
    std::int32_t* experts = nullptr; ///< [tokens, used], written
    float* weights = nullptr; ///< [tokens, used], written
};
Status route(const RouterStep& p, cudaStream_t stream);

/// Whether feedForward() can do it on its way, for one token.
inline constexpr unsigned kMaxExpertsInside = 256;
[[nodiscard]] bool routesInside(const RouterStep& p);

} // namespace ponder::kernels::cuda
