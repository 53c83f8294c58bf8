#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/views.h"
#include "kernels/cuda/runtime/status.h"

namespace ponder::kernels::cuda {

/// How experts are chosen; the engine's Routing in the kernels' words (engine/model/network.h).
struct RouterRule {
    enum class Score : std::uint8_t {
        Softmax, ///< of all experts
        Sigmoid,
        SoftmaxOfChosen, ///< experts are chosen by their logits, which then meet a softmax
    } score
        = Score::Softmax;
    enum class GroupScore : std::uint8_t { Best, TwoBest } groupScore = GroupScore::Best;
    std::uint32_t experts = 0; ///< up to 1024
    std::uint32_t used = 0; ///< up to 32
    std::uint32_t groups = 1, groupsUsed = 1; ///< groups: up to 32, divides experts
    bool normalise = false; ///< the chosen weights are made to add up to one
    float scale = 1;
};

/// Chooses each token's experts, best first, by the rule of engine/backend/cpu/routing.h: of equals the lower
/// id wins, every id is valid and occurs once even where logits are no numbers. A rule outside of the
/// bounds that it names is refused with cudaErrorInvalidValue.
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
