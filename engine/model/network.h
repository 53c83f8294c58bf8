#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "engine/file/tensor_type.h"
#include "kernels/cpu/views.h"

namespace ponder {

/// A matrix of weights in its file's quantisation, or a stack of equal ones (experts, heads).
/// Row-major: a row is `columns` weights and gives one output. Points into the model file.
struct WeightMatrix {
    TensorType type = TensorType::F32;
    const std::byte* data = nullptr; // [count, rows, columns], packed by type; nullptr: absent
    /// Where each matrix lies when each is a tensor of its own: [count], and data is the first's;
    /// otherwise empty.
    std::span<const kernels::MatrixPlace> places;
    /// F8_E4M3 without places only: f32 [ceil(count * stride / rowBytes / 128), ceil(columns / 128)]
    const float* scales = nullptr;
    std::uint32_t columns = 0; // inputs
    std::uint32_t rows = 0; // outputs
    std::uint32_t count = 1; // matrices
    std::size_t rowBytes = 0; // from a row to the next
    std::size_t stride = 0; // bytes from a matrix to the next; more than it takes where a file
        // keeps two matrices of an expert side by side

    [[nodiscard]] explicit operator bool() const { return data != nullptr; }
    [[nodiscard]] std::size_t matrixBytes() const { return rowBytes * rows; }
    [[nodiscard]] std::size_t bytes() const { return matrixBytes() * count; } ///< of weights
    [[nodiscard]] std::uint64_t weights() const { return std::uint64_t{columns} * rows * count; }
    [[nodiscard]] const std::byte* matrix(std::size_t index) const
    {
        return places.empty() ? data + index * stride : places[index].data;
    }
};

/// A vector of weights, always f32 (norms, biases).
using WeightVector = std::vector<float>;

/// Rotary position embedding of interleaved pairs, stretched by YaRN where factor is above 1
/// (Peng et al., arXiv 2309.00071, section 3.2). Cosines and sines keep their magnitude.
struct Rope {
    float base = 10000;
    float factor = 1;
    float originalContext = 0; ///< tokens; matters where factor is not 1
    float betaFast = 32, betaSlow = 1; ///< rotations over the original context
};

/// Multi-head latent attention (DeepSeek-V2, 2405.04434, section 2.1). The cache holds one row of
/// kvLoraRank + ropeDim numbers a token; keys and values of a head are never made (absorbed form).
struct MlaAttention {
    std::uint32_t heads = 0, kvLoraRank = 0, nopeHeadDim = 0, ropeHeadDim = 0, valueHeadDim = 0;
    float softmaxScale = 0;
    Rope rope;

    WeightMatrix queryDown; // [qLoraRank, hidden]; absent: queryUp reads the hidden state
    WeightVector queryNorm; // [qLoraRank]
    WeightMatrix queryUp; // [heads * (nope + rope), qLoraRank or hidden]
    WeightMatrix latentDown; // [kvLoraRank + rope, hidden]
    WeightVector latentNorm; // [kvLoraRank]

    // Either both of these …
    WeightMatrix keyUp; // [heads][kvLoraRank, nope]: a head's query into the latent space
    WeightMatrix valueUp; // [heads][value, kvLoraRank]
    // … or this one, an older file's: a head's nope key rows, then its value rows.
    WeightMatrix keyValueUp; // [heads][nope + value, kvLoraRank]

    WeightMatrix output; // [hidden, heads * value]
};

/// down(silu(gate(x)) * up(x))
struct DenseFeedForward {
    WeightMatrix gate, up; // [width, hidden]
    WeightMatrix down; // [hidden, width]
};

/// How a router turns its logits into chosen experts and their weights.
struct Routing {
    enum class Score { Softmax, Sigmoid } score = Score::Softmax;
    enum class GroupScore { Best, TwoBest } groupScore = GroupScore::Best;
    std::uint32_t experts = 0, used = 0;
    std::uint32_t groups = 1, groupsUsed = 1; ///< only experts of the best groups may be chosen
    bool normalise = false; ///< the chosen weights are made to add up to one
    float scale = 1; ///< then multiplied by this
};

struct MoeFeedForward {
    Routing routing;
    WeightMatrix router; // [experts, hidden]
    WeightVector selectionBias; // [experts] or empty: added for the choice only
    WeightMatrix gate, up; // [experts][width, hidden]
    WeightMatrix down; // [experts][hidden, width]
    std::optional<DenseFeedForward> shared; // runs for every token
};

struct Layer {
    WeightVector attentionNorm; // [hidden]
    MlaAttention attention;
    WeightVector feedForwardNorm; // [hidden]
    std::variant<DenseFeedForward, MoeFeedForward> feedForward;
};

/// A layer that predicts the token after the next (DeepSeek-V3, 2412.19437, section 2.2): its layer runs on
/// join([embeddingNorm(embedding of the next token), hiddenNorm(stream)]). Kept, not run yet.
struct PredictionLayer {
    WeightVector embeddingNorm, hiddenNorm, headNorm; // [hidden]
    WeightMatrix join; // [hidden, 2 * hidden]
    WeightMatrix embedding, output; // [vocabulary, hidden]; absent: the model's own
    Layer layer;
};

/// A model as data: what a backend runs. Each layer adds its attention and then its feed-forward to
/// the stream, both behind an RMS norm.
struct Network {
    std::uint32_t hiddenSize = 0, vocabularySize = 0, contextLength = 0;
    float normEpsilon = 1e-6F;
    WeightMatrix embedding; // [vocabulary, hidden]
    std::vector<Layer> layers;
    WeightVector outputNorm; // [hidden]
    WeightMatrix output; // [vocabulary, hidden]; may be the embedding (tied)
    std::vector<PredictionLayer> predictions; // empty in most files

    [[nodiscard]] std::uint64_t weightBytes() const; ///< of all matrices, packed
    [[nodiscard]] std::uint64_t
    activeWeightBytes() const; ///< of those that decoding one token reads
    [[nodiscard]] std::uint64_t activeParameters() const; ///< weights that one token meets
    [[nodiscard]] std::uint64_t cacheBytesPerToken() const; ///< f32, all layers
};

} // namespace ponder
