#pragma once

#include <cstdint>
#include <span>

#include "kernels/types/router_rule.h"

namespace ponder::kernels {

/// Chooses the experts of one token, best first, by the rule.
///
/// scores: [experts], the router's logits after softmax or sigmoid; the logits themselves for SoftmaxOfChosen.
/// bias: [experts] or empty; added for the choice only, never to the weights.
/// selection: [experts], working memory.
/// experts, weights: [used], written.
void chooseExperts(const RouterRule& rule, std::span<const float> scores,
    std::span<const float> bias, std::span<float> selection, std::span<std::int32_t> experts,
    std::span<float> weights);

} // namespace ponder::kernels
