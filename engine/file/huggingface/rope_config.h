#pragma once

#include <vector>

#include "engine/file/huggingface/config_reader.h"

namespace ponder {

/// Writes the rotation of a configuration: rope_theta and rope_scaling, or rope_parameters, which
/// newer ones have instead. Llama 3's stretching goes to factors: what the frequency of every
/// rotated pair is divided by, [head dimension / 2]. latent: of an MLA model, whose softmax scale
/// takes part.
void readRope(ConfigReader& config, bool latent, std::vector<float>& factors);

} // namespace ponder
