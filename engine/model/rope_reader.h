#pragma once

#include <string>

#include "engine/model/network.h"
#include "engine/model/parameter_reader.h"
#include "engine/model/weight_reader.h"

namespace ponder {

/// How a file says that positions are stretched.
struct RopeStretch {
    std::string kind; ///< "none", "linear", "yarn", "llama3", or what Ponder does not know
    float factor = 1;
};

/// rope.scaling.type and its factor. Where the type is missing the factor is linear, and older files
/// call it rope.scale_linear.
[[nodiscard]] RopeStretch readStretch(ParameterReader& parameters);

/// YaRN's factor, and the range of pairs that it mixes in; its original context is the model's own where
/// the file does not say.
void readYarnRange(
    ParameterReader& parameters, const RopeStretch& stretch, kernels::RopeParams& rope);

/// Notes that Ponder does not know the stretch.
void refuseStretch(ParameterReader& parameters, const RopeStretch& stretch);

/// The rotation of a head of keyDim numbers: rope.dimension_count of them (all, where the file does
/// not say), with rope.scaling.type none, linear, llama3 or yarn, and the factors of
/// rope_freqs.weight where the file has them. `layout`: of the family's GGUF files; a file may
/// say otherwise (rope.halves), as Hugging Face folders of llama do.
[[nodiscard]] kernels::RopeParams readRope(ParameterReader& parameters, WeightReader& weights,
    std::uint32_t keyDim, kernels::RopeLayout layout);

} // namespace ponder
