#include "engine/backend/kernel_params.h"

#include "engine/backend/weight_views.h"

namespace ponder {
namespace {

template <typename FeedForward> kernels::ExpertWeights weightsOf(const FeedForward& f)
{
    return {
        .gate = weightStack(f.gate),
        .up = weightStack(f.up),
        .down = weightStack(f.down),
        .gateBias = f.gateBias,
        .upBias = f.upBias,
        .downBias = f.downBias,
        .unit = gatedUnit(f.unit),
    };
}

} // namespace

const Rope& ropeOf(const Layer& layer)
{
    return std::visit(
        [](const auto& attention) -> const Rope& { return attention.rope; }, layer.attention);
}

kernels::RopeParams ropeParams(const Rope& rope)
{
    return {
        .dim = rope.dim,
        .base = rope.base,
        .slowdown = rope.slowdown,
        .factor = rope.factor,
        .originalContext = rope.originalContext,
        .betaFast = rope.betaFast,
        .betaSlow = rope.betaSlow,
        .wholeDimensions = rope.wholeDimensions,
        .magnitude = rope.magnitude,
    };
}

kernels::RopeStyle ropeStyle(const Rope& rope)
{
    return rope.pairs == Rope::Pairs::Halves ? kernels::RopeStyle::Halves
                                             : kernels::RopeStyle::Interleaved;
}

kernels::GatedUnit gatedUnit(const GatedUnit& unit)
{
    using Kind = kernels::GatedUnit::Kind;
    return {
        .kind = unit.kind == GatedUnit::Kind::ClampedSwiGlu ? Kind::ClampedSwiGlu : Kind::SwiGlu,
        .alpha = unit.alpha,
        .limit = unit.limit};
}

kernels::ExpertWeights expertWeights(const DenseFeedForward& f)
{
    return weightsOf(f);
}

kernels::ExpertWeights expertWeights(const MoeFeedForward& f)
{
    return weightsOf(f);
}

} // namespace ponder
