#pragma once

#include <cstddef>
#include <cstdint>

namespace ponder::kernels {

inline constexpr std::size_t kMostCandidates = 64;

/// What a sampler needs of a row of logits, where the row itself stays on a device: as
/// engine/run/logit_statistics.h, with more candidates.
struct LogitSummary {
    std::int32_t valid
        = 0; ///< 0: a NaN, +inf, or nothing but -inf; then nothing else means anything
    std::int32_t vocabulary = 0;
    std::int32_t count = 0; ///< candidates: as many as asked for, or the whole vocabulary
    float max = 0;
    float logSum = 0; ///< ln of the sum of exp(logit)
    float entropy = 0; ///< of softmax(logits), nats
    float inverseTemperature = 1;
    float scaledSum = 0; ///< the sum of exp((logit - max) * inverseTemperature)
    std::int32_t ids[kMostCandidates] = {}; ///< the likeliest, largest logit first, equals by id
    float logits[kMostCandidates] = {}; ///< theirs
};

} // namespace ponder::kernels
