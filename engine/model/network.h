#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "kernels/types/activation.h"
#include "kernels/types/rope_params.h"
#include "kernels/types/router_rule.h"
#include "kernels/types/tensor_type.h"
#include "kernels/types/views.h"

namespace ponder {

using kernels::TensorType;

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

/// Multi-head latent attention (DeepSeek-V2, 2405.04434, section 2.1). The cache holds one row of
/// kvLoraRank + ropeDim numbers a token; keys and values of a head are never made (absorbed form).
struct MlaAttention {
    std::uint32_t heads = 0, kvLoraRank = 0, nopeHeadDim = 0, ropeHeadDim = 0, valueHeadDim = 0;
    float softmaxScale = 0;
    kernels::RopeParams rope;

    // The names are DeepSeek's: q_a_proj, q_b_proj, kv_a_proj_with_mqa, kv_b_proj.
    WeightMatrix qA; // [qLoraRank, hidden]; absent: qB reads the hidden state
    WeightVector qANorm; // [qLoraRank]
    WeightMatrix qB; // [heads * (nope + rope), qLoraRank or hidden]
    WeightMatrix kvA; // [kvLoraRank + rope, hidden]: the latent, and the key's rotated part
    WeightVector kvANorm; // [kvLoraRank]

    // A file has kvB, or both of kB and vB, into which newer converters split it.
    WeightMatrix kB; // [heads][kvLoraRank, nope]: takes a head's query into the latent space
    WeightMatrix vB; // [heads][value, kvLoraRank]
    WeightMatrix
        kvB; // [heads][nope + value, kvLoraRank]: a head's nope key rows, then its value rows

    WeightMatrix output; // [hidden, heads * value]
};

/// Grouped-query attention (Ainslie et al., arXiv 2305.13245): head h uses the key and value head
/// h * kvHeads / heads, whose keys and values the cache holds.
struct GqaAttention {
    std::uint32_t heads = 0, kvHeads = 0, keyDim = 0, valueDim = 0; // heads: a multiple of kvHeads
    float softmaxScale = 0;
    std::uint32_t slidingWindow = 0; ///< positions that a token sees, its own included; 0: all
    kernels::RopeParams rope;

    WeightMatrix query; // [heads * keyDim, hidden]
    WeightMatrix key; // [kvHeads * keyDim, hidden]
    WeightMatrix value; // [kvHeads * valueDim, hidden]
    WeightMatrix output; // [hidden, heads * valueDim]
    WeightVector queryBias, keyBias, valueBias, outputBias; // [rows] of their matrices, or empty
    WeightVector queryNorm, keyNorm; // [keyDim] or empty: an RMS norm of every head, before RoPE
    WeightVector sinks; // [heads] or empty: a score in the softmax's sum that has no value
};

using AttentionLayer = std::variant<MlaAttention, GqaAttention>;

/// What a layer's cache keeps of every token, f32: [heads, keyDim] and [heads, valueDim].
struct CacheRows {
    std::uint32_t heads = 0, keyDim = 0;
    std::uint32_t valueDim = 0; ///< 0: the values lie in the keys' rows
    std::uint32_t window = 0; ///< tokens that decoding reads; 0: all

    [[nodiscard]] std::uint64_t bytes() const ///< a token
    {
        return std::uint64_t{heads} * (std::uint64_t{keyDim} + valueDim) * sizeof(float);
    }
};
[[nodiscard]] CacheRows cacheRows(const AttentionLayer& attention);

/// down(activation(gate(x), up(x)))
struct DenseFeedForward {
    WeightMatrix gate, up; // [width, hidden]
    WeightMatrix down; // [hidden, width]
    WeightVector gateBias = {}, upBias = {}, downBias = {}; // [rows] or empty
    kernels::Activation activation = {};
};

struct MoeFeedForward {
    kernels::RouterRule routing;
    WeightMatrix router; // [experts, hidden]
    WeightVector routerBias; // [experts] or empty: added to the router's logits
    WeightVector selectionBias; // [experts] or empty: added for the choice only
    WeightMatrix gate, up; // [experts][width, hidden]
    WeightMatrix down; // [experts][hidden, width]
    WeightVector gateBias, upBias, downBias; // [experts, rows] or empty
    kernels::Activation activation = {};
    std::optional<DenseFeedForward> shared; // runs for every token
};

struct Layer {
    WeightVector attentionNorm; // [hidden]
    AttentionLayer attention;
    WeightVector feedForwardNorm; // [hidden]
    std::variant<DenseFeedForward, MoeFeedForward> feedForward;
};

/// A layer that predicts the token after the next (DeepSeek-V3, 2412.19437, section 2.2): its layer runs on
/// ehProj([embeddingNorm(embedding of the next token), hiddenNorm(hidden state)]). Kept, not run yet.
struct PredictionLayer {
    WeightVector embeddingNorm, hiddenNorm, headNorm; // [hidden]
    WeightMatrix ehProj; // [hidden, 2 * hidden]
    WeightMatrix embedding, output; // [vocabulary, hidden]; absent: the model's own
    Layer layer;
};

/// The RoPE of a layer's attention.
[[nodiscard]] const kernels::RopeParams& ropeOf(const Layer& layer);

/// The names of a file's keys and tensors that somebody asked for.
struct FileUse {
    std::set<std::string, std::less<>> keys, tensors;

    void add(const FileUse& more)
    {
        keys.insert(more.keys.begin(), more.keys.end());
        tensors.insert(more.tensors.begin(), more.tensors.end());
    }
};

/// A model as data: what a backend runs. Each layer adds its attention and then its feed-forward to the residual
/// stream; the input of both goes through an RMS norm.
struct Network {
    std::uint32_t hiddenSize = 0, vocabularySize = 0, contextLength = 0;
    float normEpsilon = 1e-6F;
    WeightMatrix embedding; // [vocabulary, hidden]
    std::vector<Layer> layers;
    WeightVector outputNorm; // [hidden]
    WeightMatrix output; // [vocabulary, hidden]; may be the embedding (tied)
    std::vector<PredictionLayer> predictions; // empty in most files
    std::uint64_t reorderedBytes
        = 0; ///< of weights that are in another order on the disk: they stay in memory
    FileUse use; // the keys and tensors that it was made of, predictions included

    [[nodiscard]] std::uint64_t weightBytes() const; ///< of all matrices, packed, and of what the
        ///< experts add to their results
    [[nodiscard]] std::uint64_t
    activeWeightBytes() const; ///< of those that decoding one token reads
    [[nodiscard]] std::uint64_t
    activeParameters() const; ///< weights that one token is multiplied by
    [[nodiscard]] std::uint64_t cacheBytesPerToken() const; ///< f32, all layers
    /// Bytes that decoding a token reads of a cache of `tokens` tokens.
    [[nodiscard]] std::uint64_t cacheBytesRead(std::uint64_t tokens) const;
};

} // namespace ponder
