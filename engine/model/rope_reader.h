#pragma once

#include "engine/model/network.h"
#include "engine/model/parameter_reader.h"
#include "engine/model/weight_reader.h"

namespace ponder {

/// The rotation of a head of keyDim numbers: rope.dimension_count of them (all, where the file does
/// not say), with rope.scaling.type none, linear, llama3 or yarn, and the factors of
/// rope_freqs.weight where the file has them. `pairs`: as the family's GGUFs have them; a file may
/// say otherwise (rope.halves), as Hugging Face folders of llama do.
[[nodiscard]] Rope readRope(
    ParameterReader& parameters, WeightReader& weights, std::uint32_t keyDim, Rope::Pairs pairs);

} // namespace ponder
