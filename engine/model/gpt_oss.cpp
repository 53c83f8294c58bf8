#include "engine/model/decoder.h"
#include "engine/model/family.h"

namespace ponder {

/// gpt-oss (OpenAI, arXiv 2508.10925): biases everywhere, sinks, every other layer sees a window only,
/// experts with a clamped activation, whose weights are a softmax of the chosen. YaRN's range is not
/// rounded ("truncate": false in the published configuration).
Result<Network> readGptOss(const ModelFile& file)
{
    return readDecoder(file,
        {.architecture = "gpt-oss",
            .yarnTruncate = false,
            .inputBiases = true,
            .outputBias = true,
            .expertBiases = true,
            .sinks = true,
            .alternateWindows = true,
            .feedForwardNorm = "post_attention_norm",
            .score = kernels::RouterRule::Score::SoftmaxOfChosen,
            .expertActivation
            = {.kind = kernels::Activation::Kind::ClampedSwiGlu, .alpha = 1.702F, .limit = 7.0F}});
}

} // namespace ponder
