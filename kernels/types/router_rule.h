#pragma once

#include <cstdint>

namespace ponder::kernels {

/// How a router turns its logits into chosen experts and their weights (DeepSeek-V3, arXiv 2412.19437,
/// equations 13 to 16; V2's group rule: arXiv 2405.04434, section 2.2.2). Of equal scores the lower id wins.
/// Every chosen id is valid and occurs once, even where scores are NaN: NaN sorts last but stays selectable.
struct RouterRule {
    enum class Score : std::uint8_t {
        Softmax, ///< of all experts
        Sigmoid,
        SoftmaxOfChosen, ///< experts are chosen by their logits; the softmax is of the chosen ones
    } score
        = Score::Softmax;
    /// A group's score: its best expert's, or the sum of its two best.
    enum class GroupScore : std::uint8_t { Best, TwoBest } groupScore = GroupScore::Best;
    std::uint32_t experts = 0, used = 0;
    std::uint32_t groups = 1; ///< of equal size
    std::uint32_t groupsUsed = 1; ///< only experts of the best groups may be chosen
    bool normalise = false; ///< the weights of the chosen experts are divided by their sum
    float scale = 1; ///< then multiplied by this
};

} // namespace ponder::kernels
