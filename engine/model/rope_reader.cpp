#include "engine/model/rope_reader.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "engine/file/printable.h"

namespace ponder {
namespace {

/// What Llama 3 divides each pair's frequency by: slow waves by the factor, fast ones by 1, those
/// between by something between (transformers, _compute_llama3_parameters).
std::vector<float> llama3Slowdown(ParameterReader& parameters, const kernels::RopeParams& rope)
{
    const double factor = parameters.number("rope.scaling.factor", 1, 1e6F);
    const double context = parameters.integer("rope.scaling.original_context_length", 1, 1U << 30U);
    const double low = parameters.number("rope.scaling.low_freq_factor", 1e-3F, 1e6F, 1.0F);
    const double high = parameters.number("rope.scaling.high_freq_factor", 1e-3F, 1e6F, 4.0F);
    parameters.require(high > low, "its fast waves are slower than its slow ones");
    std::vector<float> freqFactors(rope.dim / 2);
    for (std::size_t i = 0; i < freqFactors.size(); ++i) {
        const double frequency
            = std::pow(rope.base, -2.0 * static_cast<double>(i) / static_cast<double>(rope.dim));
        const double turns = context * frequency / (2 * std::numbers::pi);
        const double kept = std::clamp((turns - low) / (high - low), 0.0, 1.0);
        freqFactors[i] = static_cast<float>(1 / (kept + (1 - kept) / factor));
    }
    return freqFactors;
}

/// What most families multiply cosines and sines with under YaRN.
void readYarn(ParameterReader& parameters, const RopeStretch& stretch, kernels::RopeParams& rope)
{
    readYarnRange(parameters, stretch, rope);
    rope.attentionFactor = parameters.number("rope.scaling.attn_factor", 0, 1e3F, 1.0F)
        * parameters.number("rope.scaling.yarn_attn_factor", 0, 1e3F, 1.0F);
    if (rope.factor > 1)
        rope.attentionFactor *= 1 + 0.1F * std::log(rope.factor);
}

} // namespace

RopeStretch readStretch(ParameterReader& parameters)
{
    RopeStretch stretch;
    // Files from before November 2023 have the factor alone, and under another name.
    const char* key
        = parameters.has("rope.scaling.factor") ? "rope.scaling.factor" : "rope.scale_linear";
    stretch.factor = parameters.number(key, 0, 1e6F, 1.0F);
    if (stretch.factor == 0)
        stretch.factor = 1; // how some converters write "not given"
    stretch.kind = parameters.text("rope.scaling.type", "linear");
    if (stretch.kind == "linear" && stretch.factor == 1)
        stretch.kind = "none";
    if (stretch.kind == "yarn") {
        // How much of YaRN's mixing there is; without any it is linear.
        const float mix = parameters.number("rope.scaling.yarn_ext_factor", -1e3F, 1e3F, 1.0F);
        parameters.require(mix < 0 || mix == 0 || mix == 1,
            "its positions are stretched by a part of YaRN, which Ponder does not know");
        if (mix == 0)
            stretch.kind = "linear";
    }
    if (stretch.kind != "none" && stretch.kind != "linear")
        parameters.require(stretch.factor >= 1, "its positions are squeezed instead of stretched");
    return stretch;
}

void readYarnRange(
    ParameterReader& parameters, const RopeStretch& stretch, kernels::RopeParams& rope)
{
    rope.factor = stretch.factor;
    const std::uint32_t most = 1U << 30U;
    rope.originalContext
        = static_cast<float>(parameters.integer("rope.scaling.original_context_length", 1, most,
            parameters.integer("context_length", 1, most)));
    rope.betaFast = parameters.number("rope.scaling.yarn_beta_fast", 1e-3F, 1e6F, 32.0F);
    rope.betaSlow = parameters.number("rope.scaling.yarn_beta_slow", 1e-3F, 1e6F, 1.0F);
}

void refuseStretch(ParameterReader& parameters, const RopeStretch& stretch)
{
    parameters.require(false,
        "its positions are stretched by \"" + printable(stretch.kind, 32)
            + "\", which Ponder does not know");
}

kernels::RopeParams readRope(ParameterReader& parameters, WeightReader& weights,
    std::uint32_t keyDim, kernels::RopeLayout layout)
{
    kernels::RopeParams rope;
    const bool halves = parameters.flag("rope.halves", layout == kernels::RopeLayout::HalfSplit);
    rope.layout = halves ? kernels::RopeLayout::HalfSplit : kernels::RopeLayout::Interleaved;
    rope.dim = parameters.integer("rope.dimension_count", 2, std::max(keyDim, 2U), keyDim);
    parameters.require(rope.dim % 2 == 0, "it rotates an odd number of dimensions");
    parameters.require(rope.dim <= keyDim, "it rotates more dimensions than a head has");
    rope.base = parameters.number("rope.freq_base", 1.001F, 1e12F, 10000.0F);
    const RopeStretch stretch = readStretch(parameters);
    if (stretch.kind == "linear")
        rope.freqFactors.assign(rope.dim / 2, stretch.factor);
    else if (stretch.kind == "yarn")
        readYarn(parameters, stretch, rope);
    else if (stretch.kind == "llama3" && !weights.has("rope_freqs.weight"))
        rope.freqFactors = llama3Slowdown(parameters, rope);
    else if (stretch.kind != "none" && stretch.kind != "llama3")
        refuseStretch(parameters, stretch);
    if (weights.has("rope_freqs.weight")) {
        const WeightVector factors = weights.vector("rope_freqs.weight", rope.dim / 2);
        rope.freqFactors.resize(rope.dim / 2, 1.0F);
        for (std::size_t i = 0; i < factors.size(); ++i) {
            parameters.require(std::isfinite(factors[i]) && factors[i] > 0,
                "its rotations are slowed down by what is no number above zero");
            rope.freqFactors[i] *= factors[i];
        }
    }
    return rope;
}

} // namespace ponder
