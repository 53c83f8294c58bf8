#pragma once

#include <cstdint>
#include <span>

#include "engine/model/network.h"

namespace ponder {

/// Chooses experts for one token (DeepSeek-V3, arXiv 2412.19437, equations 13 to 16; V2's group
/// rule: arXiv 2405.04434, section 2.2.2). Every id is valid and occurs once, even where scores are
/// no numbers; of equal scores the lower id wins.
///
/// scores: [experts], the gate's logits behind softmax or sigmoid; as they are for SoftmaxOfChosen.
/// bias: [experts] or empty; added for the choice only, never to the weights.
/// selection: [experts], working memory.
/// experts, weights: [used], written.
void chooseExperts(const Routing& routing, std::span<const float> scores,
    std::span<const float> bias, std::span<float> selection, std::span<std::int32_t> experts,
    std::span<float> weights);

} // namespace ponder
