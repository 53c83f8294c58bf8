#pragma once

#include <cstdint>

#include "engine/model/network.h"
#include "engine/model/parameter_reader.h"

namespace ponder {

/// How a file stretches the positions a model was trained on.
struct RopeScaling {
    enum class Kind { None, Linear, Yarn } kind = Kind::None;
    float factor = 1;
    std::uint32_t originalContext = 0; ///< tokens
    float logMultiplier = 0; ///< 0.1 * mscale_all_dim; YaRN only
    float betaFast = 32, betaSlow = 1; ///< rotations over the original context; YaRN only
};

/// Reads rope.scaling.*; what is wrong is noted in the reader.
[[nodiscard]] RopeScaling readRopeScaling(ParameterReader& parameters);

/// The frequencies of `dimension` rotated numbers (even).
/// YaRN: Peng et al., arXiv 2309.00071, section 3.2, as Hugging Face's rope_utils computes it.
[[nodiscard]] Rope makeRope(std::uint32_t dimension, float base, const RopeScaling& scaling);

/// What YaRN multiplies the attention's softmax scale with: m * m, m = 1 + logMultiplier * ln(factor).
[[nodiscard]] float softmaxCorrection(const RopeScaling& scaling);

} // namespace ponder
