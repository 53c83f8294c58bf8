#include "engine/model/decoder.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/model/layer_reader.h"
#include "engine/model/rope_reader.h"

namespace ponder {
namespace {

struct DecoderParameters {
    TrunkParameters trunk;
    std::uint32_t denseWidth = 0; // 0: no layer is dense
    std::uint32_t expertWidth = 0;
    kernels::RouterRule routing; // experts 0: no layer is routed
    GqaAttention attention; // of a layer without a window, no weights yet
    std::uint32_t window = 0; // of the layers that have one
    FileUse use;
};

void readHeads(ParameterReader& reader, DecoderParameters& p)
{
    GqaAttention& a = p.attention;
    a.heads = reader.integer("attention.head_count", 1, 4096);
    a.kvHeads = reader.integer("attention.head_count_kv", 1, a.heads, a.heads);
    reader.require(a.heads % a.kvHeads == 0, "its heads do not share its keys evenly");
    if (!reader.has("attention.key_length"))
        reader.require(p.trunk.hidden % a.heads == 0, "its width is no multiple of its heads");
    const std::uint32_t usual = std::max(p.trunk.hidden / a.heads, 1U);
    a.keyDim = reader.integer("attention.key_length", 2, 1U << 16U, usual);
    a.valueDim = reader.integer("attention.value_length", 1, 1U << 16U, usual);
    a.softmaxScale = 1 / std::sqrt(static_cast<float>(a.keyDim));
}

void readRouting(ParameterReader& reader, const DecoderFamily& family, DecoderParameters& p)
{
    kernels::RouterRule& r = p.routing;
    r.experts = reader.integer("expert_count", 0, 65536, 0);
    if (r.experts == 0)
        return;
    r.used = reader.integer("expert_used_count", 1, r.experts);
    r.score = family.score;
    r.normalise = reader.flag("expert_weights_norm", family.normalise);
    r.scale = reader.number("expert_weights_scale", 0, 1e6F, 1.0F);
    if (r.scale == 0)
        r.scale = 1; // how some converters write "not given"
    p.expertWidth = reader.has("expert_feed_forward_length")
        ? reader.integer("expert_feed_forward_length", 1, kMaxWide)
        : p.denseWidth;
    reader.require(p.expertWidth > 0, "its experts have no width");
}

Result<DecoderParameters> readParameters(
    const ModelFile& file, WeightReader& weights, const DecoderFamily& family)
{
    ParameterReader reader(file, std::string(family.architecture));
    DecoderParameters p;
    p.trunk = readTrunkParameters(reader);
    const bool routed = reader.has("expert_count");
    p.denseWidth = routed ? reader.integer("feed_forward_length", 0, kMaxWide, 0)
                          : reader.integer("feed_forward_length", 1, kMaxWide);
    readHeads(reader, p);
    readRouting(reader, family, p);
    p.attention.rope = readRope(reader, weights, p.attention.keyDim, family.ropeLayout);
    p.attention.rope.yarnTruncate = family.yarnTruncate;
    if (family.alternateWindows)
        p.window = reader.integer("attention.sliding_window", 1, 1U << 30U);
    if (reader.error())
        return tl::unexpected(*reader.error());
    p.use = reader.use();
    return p;
}

GqaAttention readAttention(WeightReader& reader, const DecoderParameters& p,
    const DecoderFamily& family, const std::string& block)
{
    GqaAttention a = p.attention;
    const std::uint64_t hidden = p.trunk.hidden;
    const std::uint64_t queries = std::uint64_t{a.heads} * a.keyDim;
    const std::uint64_t keys = std::uint64_t{a.kvHeads} * a.keyDim;
    const std::uint64_t values = std::uint64_t{a.kvHeads} * a.valueDim;
    const auto vector = [&](const char* name, std::uint64_t length, bool needed) {
        return needed ? reader.vector(block + name, length)
                      : reader.vectorIfThere(block + name, length);
    };
    a.query = reader.matrix(block + "attn_q.weight", hidden, queries);
    a.key = reader.matrix(block + "attn_k.weight", hidden, keys);
    a.value = reader.matrix(block + "attn_v.weight", hidden, values);
    a.output
        = reader.matrix(block + "attn_output.weight", std::uint64_t{a.heads} * a.valueDim, hidden);
    a.queryBias = vector("attn_q.bias", queries, family.inputBiases);
    a.keyBias = vector("attn_k.bias", keys, family.inputBiases);
    a.valueBias = vector("attn_v.bias", values, family.inputBiases);
    a.outputBias = vector("attn_output.bias", hidden, family.outputBias);
    if (family.headNorms) {
        a.queryNorm = vector("attn_q_norm.weight", a.keyDim, true);
        a.keyNorm = vector("attn_k_norm.weight", a.keyDim, true);
    }
    if (family.sinks)
        a.sinks = vector("attn_sinks.weight", a.heads, true);
    return a;
}

MoeFeedForward readRouted(WeightReader& reader, const DecoderParameters& p,
    const DecoderFamily& family, const std::string& block)
{
    MoeFeedForward moe = readExperts(reader, block, p.routing, p.trunk.hidden, p.expertWidth);
    moe.activation = family.expertActivation;
    if (family.expertBiases) {
        for (const char* name : {"ffn_gate_inp", "ffn_gate_exps", "ffn_up_exps", "ffn_down_exps"})
            reader.require(block + name + ".bias");
    }
    return moe;
}

} // namespace

Result<Network> readDecoder(const ModelFile& file, const DecoderFamily& family)
{
    WeightReader reader(file);
    const auto parameters = readParameters(file, reader, family);
    if (!parameters)
        return tl::unexpected(parameters.error());
    const DecoderParameters& p = *parameters;
    auto network = readTrunk(file, reader, p.trunk);
    if (!network)
        return network;
    for (std::uint32_t i = 0; i < p.trunk.layers && !reader.error(); ++i) {
        const std::string block = "blk." + std::to_string(i) + '.';
        Layer layer;
        layer.attentionNorm = reader.vector(block + "attn_norm.weight", p.trunk.hidden);
        GqaAttention attention = readAttention(reader, p, family, block);
        attention.slidingWindow = i % 2 == 0 ? p.window : 0;
        layer.attention = std::move(attention);
        layer.feedForwardNorm = reader.vector(
            block + std::string(family.feedForwardNorm) + ".weight", p.trunk.hidden);
        // A model of experts may keep a few layers dense.
        const bool dense = p.routing.experts == 0
            || (p.denseWidth > 0 && !reader.has(block + "ffn_gate_inp.weight")
                && !reader.has(block + "ffn_down_exps.weight"));
        if (dense)
            layer.feedForward = readDense(reader, block, "", p.trunk.hidden, p.denseWidth);
        else
            layer.feedForward = readRouted(reader, p, family, block);
        network->layers.push_back(std::move(layer));
    }
    if (reader.error())
        return tl::unexpected(*reader.error());
    network->use.add(p.use);
    network->use.add(reader.use());
    return network;
}

} // namespace ponder
