#include <cmath>
#include <string>

#include "engine/model/family.h"
#include "engine/model/layer_reader.h"
#include "engine/model/rope_reader.h"

namespace ponder {
namespace {

struct Parameters {
    TrunkParameters trunk;
    std::uint32_t predictionLayers = 0, denseLayers = 0, denseWidth = 0;
    std::uint32_t heads = 0, qLoraRank = 0, kvLoraRank = 0, ropeHeadDim = 0, nopeHeadDim = 0,
                  valueHeadDim = 0;
    std::uint32_t expertWidth = 0, sharedExperts = 0;
    kernels::RouterRule routing;
    kernels::RopeParams rope;
    float softmaxScale = 0;
    FileUse use;
};

/// Reads the rotation; returns what YaRN multiplies the softmax scale with: m * m, where
/// m = 1 + 0.1 * mscale_all_dim * ln(factor) and the file's log multiplier is 0.1 * mscale_all_dim.
float readRotation(ParameterReader& reader, kernels::RopeParams& rope)
{
    rope.base = reader.number("rope.freq_base", 1.001F, 1e12F, 10000.0F);
    const RopeStretch stretch = readStretch(reader);
    if (stretch.kind == "linear")
        rope.freqFactors.assign(rope.dim / 2, stretch.factor);
    else if (stretch.kind != "none" && stretch.kind != "yarn")
        refuseStretch(reader, stretch);
    if (stretch.kind != "yarn")
        return 1;
    readYarnRange(reader, stretch, rope);
    const float m = 1
        + reader.number("rope.scaling.yarn_log_multiplier", 0, 10, 0.0F) * std::log(rope.factor);
    return m * m;
}

void readAttention(ParameterReader& reader, Parameters& p)
{
    p.heads = reader.integer("attention.head_count", 1, 4096);
    p.qLoraRank = reader.integer("attention.q_lora_rank", 0, kMaxWide, 0);
    p.kvLoraRank = reader.integer("attention.kv_lora_rank", 1, kMaxWide);
    p.ropeHeadDim = reader.integer("rope.dimension_count", 2, 4096);
    // Files with split tensors describe their cache in key_length and the heads in key_length_mla.
    const bool split = reader.has("attention.key_length_mla");
    const std::string suffix = split ? "_mla" : "";
    const std::uint32_t key = reader.integer("attention.key_length" + suffix, 2, 1U << 16U);
    p.valueHeadDim = reader.integer("attention.value_length" + suffix, 1, 1U << 16U);
    reader.require(p.ropeHeadDim % 2 == 0, "an odd number of rotated dimensions");
    reader.require(key > p.ropeHeadDim, "its keys are shorter than their rotated part");
    p.nopeHeadDim = key - p.ropeHeadDim;
    p.rope.dim = p.ropeHeadDim;
    p.softmaxScale = readRotation(reader, p.rope) / std::sqrt(static_cast<float>(key));
}

/// Files older than the group keys leave the groups out; the two published shapes that have groups
/// are known, and routing them without would choose other experts than the model was trained with.
std::uint32_t publishedGroupsUsed(const Parameters& p)
{
    if (p.trunk.layers == 61 && p.trunk.hidden == 7168 && p.routing.experts == 256)
        return 4; // V3, R1
    if (p.trunk.layers == 60 && p.trunk.hidden == 5120 && p.routing.experts == 160)
        return 3; // V2, V2.5
    return 0;
}

void readRouting(ParameterReader& reader, Parameters& p)
{
    kernels::RouterRule& r = p.routing;
    r.experts = reader.integer("expert_count", 1, 65536);
    r.used = reader.integer("expert_used_count", 1, r.experts);
    p.expertWidth = reader.integer("expert_feed_forward_length", 1, kMaxWide);
    p.sharedExperts = reader.integer("expert_shared_count", 0, 1024, 0);
    // 0 and a missing key both mean softmax; 1 softmax, 2 sigmoid.
    const bool sigmoid = reader.integer("expert_gating_func", 0, 2, 1) == 2;
    r.score = sigmoid ? kernels::RouterRule::Score::Sigmoid : kernels::RouterRule::Score::Softmax;
    r.groupScore = sigmoid ? kernels::RouterRule::GroupScore::TwoBest
                           : kernels::RouterRule::GroupScore::Best;
    r.normalise = reader.flag("expert_weights_norm", false);
    r.scale = reader.number("expert_weights_scale", 0, 1e6F, 1.0F);
    if (r.scale == 0)
        r.scale = 1; // how some converters write "not given"
    const std::uint32_t usual = publishedGroupsUsed(p);
    r.groups = reader.integer("expert_group_count", 0, r.experts, usual > 0 ? 8 : 1);
    if (r.groups == 0)
        r.groups = 1;
    r.groupsUsed
        = reader.integer("expert_group_used_count", 0, r.groups, usual > 0 ? usual : r.groups);
    if (r.groupsUsed == 0)
        r.groupsUsed = r.groups;
    reader.require(r.experts % r.groups == 0, "its experts do not divide into its groups");
    reader.require(std::uint64_t{r.groupsUsed} * (r.experts / r.groups) >= r.used,
        "a token uses more experts than its groups hold");
    reader.require(r.groups == 1 || r.groupScore == kernels::RouterRule::GroupScore::Best
            || r.experts / r.groups >= 2,
        "groups of one expert are scored by two");
}

Result<Parameters> readParameters(const ModelFile& file)
{
    ParameterReader reader(file, "deepseek2");
    Parameters p;
    p.trunk = readTrunkParameters(reader);
    // Layers that only predict a second token stand after the others.
    const std::uint32_t extra = reader.integer("nextn_predict_layers", 0, p.trunk.layers - 1, 0);
    if (extra > 0
        && file.tensor("blk." + std::to_string(p.trunk.layers - extra) + ".nextn.eh_proj.weight")
            != nullptr) {
        p.trunk.layers -= extra;
        p.predictionLayers = extra;
    }
    p.denseLayers = reader.integer("leading_dense_block_count", 0, p.trunk.layers, 0);
    if (p.denseLayers > 0)
        p.denseWidth = reader.integer("feed_forward_length", 1, kMaxWide);
    readAttention(reader, p);
    if (p.denseLayers < p.trunk.layers)
        readRouting(reader, p);
    if (reader.error())
        return tl::unexpected(*reader.error());
    p.use = reader.use();
    return p;
}

MlaAttention readAttentionWeights(
    WeightReader& reader, const Parameters& p, const std::string& block)
{
    MlaAttention a;
    a.heads = p.heads;
    a.kvLoraRank = p.kvLoraRank;
    a.nopeHeadDim = p.nopeHeadDim;
    a.ropeHeadDim = p.ropeHeadDim;
    a.valueHeadDim = p.valueHeadDim;
    a.softmaxScale = p.softmaxScale;
    a.rope = p.rope;
    const std::uint64_t query = std::uint64_t{p.heads} * (p.nopeHeadDim + p.ropeHeadDim);
    if (p.qLoraRank > 0) {
        a.qA = reader.matrix(block + "attn_q_a.weight", p.trunk.hidden, p.qLoraRank);
        a.qANorm = reader.vector(block + "attn_q_a_norm.weight", p.qLoraRank);
        a.qB = reader.matrix(block + "attn_q_b.weight", p.qLoraRank, query);
    } else {
        a.qB = reader.matrix(block + "attn_q.weight", p.trunk.hidden, query);
    }
    a.kvA = reader.matrix(block + "attn_kv_a_mqa.weight", p.trunk.hidden,
        std::uint64_t{p.kvLoraRank} + p.ropeHeadDim);
    a.kvANorm = reader.vector(block + "attn_kv_a_norm.weight", p.kvLoraRank);
    if (reader.has(block + "attn_k_b.weight")) {
        a.kB = reader.matrix(block + "attn_k_b.weight", p.nopeHeadDim, p.kvLoraRank, p.heads);
        a.vB = reader.matrix(block + "attn_v_b.weight", p.kvLoraRank, p.valueHeadDim, p.heads);
    } else {
        a.kvB = reader.matrix(block + "attn_kv_b.weight", p.kvLoraRank,
            std::uint64_t{p.nopeHeadDim} + p.valueHeadDim, p.heads);
    }
    a.output = reader.matrix(
        block + "attn_output.weight", std::uint64_t{p.heads} * p.valueHeadDim, p.trunk.hidden);
    return a;
}

MoeFeedForward readMoe(WeightReader& reader, const Parameters& p, const std::string& block)
{
    MoeFeedForward moe = readExperts(reader, block, p.routing, p.trunk.hidden, p.expertWidth);
    if (p.sharedExperts > 0)
        moe.shared = readDense(reader, block, "_shexp", p.trunk.hidden,
            std::uint64_t{p.expertWidth} * p.sharedExperts);
    return moe;
}

Layer readLayer(WeightReader& reader, const Parameters& p, std::uint32_t index)
{
    const std::string block = "blk." + std::to_string(index) + '.';
    Layer layer;
    layer.attentionNorm = reader.vector(block + "attn_norm.weight", p.trunk.hidden);
    layer.attention = readAttentionWeights(reader, p, block);
    layer.feedForwardNorm = reader.vector(block + "ffn_norm.weight", p.trunk.hidden);
    if (index < p.denseLayers)
        layer.feedForward = readDense(reader, block, "", p.trunk.hidden, p.denseWidth);
    else
        layer.feedForward = readMoe(reader, p, block);
    return layer;
}

PredictionLayer readPrediction(
    WeightReader& reader, const Parameters& p, std::uint32_t index, std::uint64_t vocabulary)
{
    const std::string block = "blk." + std::to_string(index) + ".nextn.";
    PredictionLayer prediction;
    prediction.embeddingNorm = reader.vector(block + "enorm.weight", p.trunk.hidden);
    prediction.hiddenNorm = reader.vector(block + "hnorm.weight", p.trunk.hidden);
    prediction.headNorm = reader.vector(block + "shared_head_norm.weight", p.trunk.hidden);
    prediction.ehProj = reader.matrix(
        block + "eh_proj.weight", 2 * std::uint64_t{p.trunk.hidden}, p.trunk.hidden);
    if (reader.has(block + "embed_tokens.weight"))
        prediction.embedding
            = reader.matrix(block + "embed_tokens.weight", p.trunk.hidden, vocabulary);
    if (reader.has(block + "shared_head_head.weight"))
        prediction.output
            = reader.matrix(block + "shared_head_head.weight", p.trunk.hidden, vocabulary);
    prediction.layer = readLayer(reader, p, index);
    return prediction;
}

} // namespace

/// DeepSeek V2, V2-Lite, V2.5, V3, R1 and their kin (general.architecture "deepseek2"): multi-head
/// latent attention, leading dense layers, then mixtures of experts. Reads files with attn_kv_b in
/// one piece, split into attn_k_b and attn_v_b, or both; prefers the split ones.
Result<Network> readDeepSeek2(const ModelFile& file)
{
    const auto parameters = readParameters(file);
    if (!parameters)
        return tl::unexpected(parameters.error());
    const Parameters& p = *parameters;
    WeightReader reader(file);
    auto network = readTrunk(file, reader, p.trunk);
    if (!network)
        return network;
    for (std::uint32_t i = 0; i < p.trunk.layers && !reader.error(); ++i)
        network->layers.push_back(readLayer(reader, p, i));
    if (reader.error())
        return tl::unexpected(*reader.error());
    network->use.add(p.use);
    network->use.add(reader.use());
    // The model runs without them, so they may be incomplete; then they are left out.
    WeightReader predictions(file);
    for (std::uint32_t i = 0; i < p.predictionLayers; ++i)
        network->predictions.push_back(
            readPrediction(predictions, p, p.trunk.layers + i, network->vocabularySize));
    if (predictions.error())
        network->predictions.clear();
    else
        network->use.add(predictions.use());
    return network;
}

} // namespace ponder
