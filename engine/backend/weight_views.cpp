#include "engine/backend/weight_views.h"

#include <cassert>

namespace ponder {
namespace {

kernels::BlockScales scalesOf(const WeightMatrix& m, std::size_t firstRow)
{
    return {m.scales, (m.columns + kernels::kScaleBlock - 1) / kernels::kScaleBlock, firstRow};
}

template <typename FeedForward> kernels::ExpertWeights weightsOf(const FeedForward& f)
{
    return {
        .gate = weightStack(f.gate),
        .up = weightStack(f.up),
        .down = weightStack(f.down),
        .gateBias = f.gateBias,
        .upBias = f.upBias,
        .downBias = f.downBias,
        .activation = f.activation,
    };
}

} // namespace

kernels::WeightView weightView(const WeightMatrix& m)
{
    return {m.type, m.data, m.rows, m.columns, m.rowBytes, scalesOf(m, 0)};
}

kernels::WeightStack weightStack(const WeightMatrix& m)
{
    return weightStack(m, 0, m.rows);
}

kernels::WeightStack weightStack(const WeightMatrix& m, std::size_t first, std::size_t count)
{
    assert(m.places.empty() || first == 0);
    return {.type = m.type,
        .data = m.data + first * m.rowBytes,
        .count = m.count,
        .rows = count,
        .cols = m.columns,
        .rowStride = m.rowBytes,
        .matrixStride = m.stride,
        .scales = scalesOf(m, first),
        .scaleRows = m.stride / m.rowBytes,
        .places = m.places.empty() ? nullptr : m.places.data()};
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
