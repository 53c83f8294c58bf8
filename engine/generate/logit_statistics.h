#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace ponder {

/// What a model thinks of the next token, read off its logits.
struct LogitStatistics {
    bool valid = false; ///< false: a NaN, +inf, or nothing but -inf; then nothing else is set
    float max = 0;
    float logSum
        = 0; ///< ln of the sum of exp(logit): logit - logSum is a token's log-probability, nats
    float entropy = 0; ///< of softmax(logits), nats
    std::array<std::int32_t, 5> best{
        -1, -1, -1, -1, -1}; ///< likeliest first, equals by id; -1 past the vocabulary
};

/// logits: [vocabulary], f32. Two passes; the same result on every machine.
[[nodiscard]] LogitStatistics measureLogits(std::span<const float> logits);

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
