#pragma once

#include <cstddef>
#include <cstdint>

namespace ponder::kernels {

/// How many of the likeliest tokens are kept with each generated token.
inline constexpr int kAlternatives = 5;
inline constexpr std::size_t kMaxCandidates = 64;
static_assert(kAlternatives <= static_cast<int>(kMaxCandidates));

/// How the next token will be drawn, as far as a GPU takes part.
struct Draw {
    float inverseTemperature = 1; ///< logits are multiplied by it
    /// In [0, 1): the GPU draws a token with it, of the whole vocabulary in the order of ids. Negative: the GPU
    /// does not draw.
    double unit = -1;

    bool operator==(const Draw&) const = default;
};

/// What a sampler needs of a row of logits. A GPU makes it, so that the row need not leave the GPU; the
/// processor makes the same of a row in memory (engine/generate/logit_statistics.h), with kAlternatives
/// candidates and without a draw.
struct LogitSummary {
    /// 0: the row has a NaN or +inf, or nothing but -inf; then no other member means anything.
    std::int32_t valid = 0;
    std::int32_t vocabulary = 0;
    std::int32_t count = 0; ///< candidates: as many as asked for, or the whole vocabulary
    float max = 0;
    float logSum
        = 0; ///< ln of the sum of exp(logit): logit - logSum is a token's log-probability, nats
    float entropy = 0; ///< of softmax(logits), nats
    Draw draw = {}; ///< the draw that it was made for
    float scaledSum = 0; ///< the sum of exp((logit - max) * inverseTemperature)
    std::int32_t drawn = -1; ///< the token that draw.unit draws; -1: not asked for
    float drawnLogit = 0;
    std::int32_t ids[kMaxCandidates] = {}; ///< the likeliest, largest logit first, equals by id
    float logits[kMaxCandidates] = {}; ///< theirs
};

} // namespace ponder::kernels
