#pragma once

#include <cstddef>
#include <cstdint>

namespace ponder::kernels {

inline constexpr std::size_t kMaxCandidates = 64;

/// How the next token will be drawn, as far as a device takes part.
struct Draw {
    float inverseTemperature = 1; ///< what logits are multiplied with
    /// In [0, 1): draws among the whole vocabulary with it, in the order of ids; negative: does not.
    double unit = -1;

    bool operator==(const Draw&) const = default;
};

/// What a sampler needs of a row of logits, where the row itself stays on a device: as
/// engine/generate/logit_statistics.h, with more candidates.
struct LogitSummary {
    std::int32_t valid
        = 0; ///< 0: a NaN, +inf, or nothing but -inf; then nothing else means anything
    std::int32_t vocabulary = 0;
    std::int32_t count = 0; ///< candidates: as many as asked for, or the whole vocabulary
    float max = 0;
    float logSum = 0; ///< ln of the sum of exp(logit)
    float entropy = 0; ///< of softmax(logits), nats
    Draw draw = {}; ///< it was made for
    float scaledSum = 0; ///< the sum of exp((logit - max) * inverseTemperature)
    std::int32_t drawn = -1; ///< the token that draw.unit draws; -1: not asked for
    float drawnLogit = 0;
    std::int32_t ids[kMaxCandidates] = {}; ///< the likeliest, largest logit first, equals by id
    float logits[kMaxCandidates] = {}; ///< theirs
};

} // namespace ponder::kernels
