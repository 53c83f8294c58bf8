#include "engine/run/weight_views.h"

namespace ponder {
namespace {

kernels::TensorType kernelType(TensorType type)
{
    return kernels::tensorTypeFromGgml(static_cast<std::uint32_t>(type))
        .value_or(kernels::TensorType::F32);
}

} // namespace

kernels::WeightView weightView(const WeightMatrix& m)
{
    return {kernelType(m.type), m.data, m.rows, m.columns, m.rowBytes};
}

kernels::WeightStack weightStack(const WeightMatrix& m)
{
    return weightStack(m, 0, m.rows);
}

kernels::WeightStack weightStack(const WeightMatrix& m, std::size_t first, std::size_t count)
{
    return {kernelType(m.type), m.data + first * m.rowBytes, m.count, count, m.columns, m.rowBytes,
        m.stride};
}

} // namespace ponder
