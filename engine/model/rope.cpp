#include "engine/model/rope.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ponder {
namespace {

/// The pair (not rounded) that turns `rotations` times over the original context.
double pairTurning(double rotations, double dimension, double base, double context)
{
    return dimension * std::log(context / (rotations * 2 * std::numbers::pi)) / (2 * std::log(base));
}

} // namespace

RopeScaling readRopeScaling(ParameterReader& parameters)
{
    RopeScaling scaling;
    const std::string kind = parameters.text("rope.scaling.type", "none");
    if (kind == "none")
        return scaling;
    if (kind != "linear" && kind != "yarn") {
        parameters.require(false, "its positions are stretched by \"" + kind.substr(0, 32)
                + "\", which Ponder does not know");
        return scaling;
    }
    scaling.kind = kind == "yarn" ? RopeScaling::Kind::Yarn : RopeScaling::Kind::Linear;
    scaling.factor = parameters.number("rope.scaling.factor", 1e-3F, 1e6F);
    if (scaling.kind == RopeScaling::Kind::Yarn) {
        scaling.originalContext
            = parameters.integer("rope.scaling.original_context_length", 1, 1U << 30U);
        scaling.logMultiplier = parameters.number("rope.scaling.yarn_log_multiplier", 0, 10, 0.0F);
        scaling.betaFast = parameters.number("rope.scaling.yarn_beta_fast", 1e-3F, 1e6F, 32.0F);
        scaling.betaSlow = parameters.number("rope.scaling.yarn_beta_slow", 1e-3F, 1e6F, 1.0F);
    }
    return scaling;
}

Rope makeRope(std::uint32_t dimension, float base, const RopeScaling& scaling)
{
    const std::uint32_t pairs = dimension / 2;
    double low = 0;
    double high = 0;
    if (scaling.kind == RopeScaling::Kind::Yarn) {
        const double context = scaling.originalContext;
        low = std::floor(pairTurning(static_cast<double>(scaling.betaFast), dimension, static_cast<double>(base), context));
        high = std::ceil(pairTurning(static_cast<double>(scaling.betaSlow), dimension, static_cast<double>(base), context));
        low = std::max(low, 0.0);
        high = std::min(high, dimension - 1.0);
        if (low == high)
            high += 0.001; // no division by zero
    }
    Rope rope;
    rope.frequencies.resize(pairs);
    for (std::uint32_t i = 0; i < pairs; ++i) {
        const double plain = std::pow(static_cast<double>(base), -2.0 * i / dimension);
        const double stretched = plain / static_cast<double>(scaling.factor);
        double share = 0; // of the stretched frequency
        if (scaling.kind == RopeScaling::Kind::Linear)
            share = 1;
        else if (scaling.kind == RopeScaling::Kind::Yarn)
            share = std::clamp((i - low) / (high - low), 0.0, 1.0);
        rope.frequencies[i] = static_cast<float>(stretched * share + plain * (1 - share));
    }
    return rope;
}

float softmaxCorrection(const RopeScaling& scaling)
{
    if (scaling.kind != RopeScaling::Kind::Yarn || scaling.factor <= 1)
        return 1;
    const float m = 1 + scaling.logMultiplier * std::log(scaling.factor);
    return m * m;
}

} // namespace ponder
