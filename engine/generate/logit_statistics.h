#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/types/logit_summary.h"

namespace ponder {

/// The summary of a row of logits: [vocabulary], f32, with kAlternatives candidates (fewer where fewer logits
/// are above -inf) and without a draw. Two passes; the same result on every machine.
[[nodiscard]] kernels::LogitSummary measureLogits(std::span<const float> logits);

/// values[i] = exp((values[i] - max) * scale), for values up to max; below 1e-38 it is 0. Returns their sum.
double exponentiate(std::span<float> values, float max, float scale);

/// The sum of the values that reach floor. The same on every machine.
[[nodiscard]] double massAtLeast(std::span<const float> values, float floor);

/// The place among values, in their order, where the sum of those that reach floor goes past `mass`; where it
/// does not (rounding), one near the end. -1 where none reaches it.
[[nodiscard]] std::int32_t findMass(std::span<const float> values, float floor, double mass);

/// Appends the indices of the values that reach floor and stay below ceiling, ascending.
void collectBetween(
    std::span<const float> values, float floor, float ceiling, std::vector<std::int32_t>& ids);

} // namespace ponder
