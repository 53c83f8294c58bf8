#pragma once

#include <cstdint>
#include <vector>

namespace ponder::kernels {

/// Which numbers of a head are rotated together.
enum class RopeLayout {
    Interleaved, ///< pairs (0, 1), (2, 3), …: DeepSeek's and Llama's GGUF files
    HalfSplit, ///< pairs (0, dim / 2), (1, dim / 2 + 1), …: GPT-NeoX, Qwen, Hugging Face's folders
};

/// Rotary position embedding, stretched by YaRN where factor is above 1 (Peng et al., arXiv 2309.00071,
/// section 3.2).
struct RopeParams {
    RopeLayout layout = RopeLayout::Interleaved;
    /// Numbers rotated, the first of a head (of an MLA head: all of its rotated part); even.
    std::uint32_t dim = 64;
    float base = 10000;
    /// [dim / 2] or empty: each pair's frequency is divided by it (GGUF's rope_freqs)
    std::vector<float> freqFactors = {};
    float factor = 1; ///< rope.scaling.factor
    float originalContext = 4096; ///< tokens; matters where factor is not 1
    float betaFast = 32, betaSlow = 1; ///< rotations over the original context
    /// YaRN's range of blended pairs is rounded outwards to whole pairs (gpt-oss: false).
    bool yarnTruncate = true;
    float attentionFactor = 1; ///< cosines and sines are multiplied by it ("mscale")

    bool operator==(const RopeParams&) const = default;
};

} // namespace ponder::kernels
