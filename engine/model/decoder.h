#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/result.h"
#include "engine/file/model_file.h"
#include "engine/model/network.h"

namespace ponder {

/// What tells one family from another among those built alike: in every layer grouped-query
/// attention, then a dense or a routed feed-forward, both after an RMS norm. A layer is routed
/// where the file has a router for it. Biases that the file has are used; those named here must be
/// there.
struct DecoderFamily {
    std::string_view architecture;
    kernels::RopeLayout ropeLayout = kernels::RopeLayout::HalfSplit; ///< of the family's GGUF files
    bool yarnTruncate = true; ///< see RopeParams
    bool headNorms = false; ///< queries and keys pass a norm of their own
    bool inputBiases = false; ///< of query, key and value
    bool outputBias = false; ///< of attention's output
    bool expertBiases = false; ///< of router and experts
    bool sinks = false;
    bool alternateWindows = false; ///< layers 0, 2, 4, … see attention.sliding_window positions
    std::string_view feedForwardNorm = "ffn_norm";
    kernels::RouterRule::Score score = kernels::RouterRule::Score::Softmax;
    bool normalise = true; ///< the chosen experts' weights, where expert_weights_norm says nothing
    kernels::Activation expertActivation = {}; ///< of routed experts
};

/// Reads a file of such a family. Fails as Family::read.
[[nodiscard]] Result<Network> readDecoder(const ModelFile& file, const DecoderFamily& family);

} // namespace ponder
