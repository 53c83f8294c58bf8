#include "engine/backend/weight_views.h"

#include <cassert>

#include "engine/model/weight_reader.h"

namespace ponder {
namespace {

kernels::TensorType typeOf(const WeightMatrix& m)
{
    return kernelType(m.type).value_or(kernels::TensorType::F32);
}

kernels::BlockScales scalesOf(const WeightMatrix& m, std::size_t firstRow)
{
    return {m.scales, (m.columns + kernels::kScaleBlock - 1) / kernels::kScaleBlock, firstRow};
}

} // namespace

kernels::WeightView weightView(const WeightMatrix& m)
{
    return {typeOf(m), m.data, m.rows, m.columns, m.rowBytes, scalesOf(m, 0)};
}

kernels::WeightStack weightStack(const WeightMatrix& m)
{
    return weightStack(m, 0, m.rows);
}

kernels::WeightStack weightStack(const WeightMatrix& m, std::size_t first, std::size_t count)
{
    assert(m.places.empty() || first == 0);
    return {.type = typeOf(m),
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

} // namespace ponder
