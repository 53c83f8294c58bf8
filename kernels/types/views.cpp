#include "kernels/types/views.h"

namespace ponder::kernels {

WeightView weightView(TensorType type, const void* data, std::size_t rows, std::size_t cols)
{
    return {
        type, static_cast<const std::byte*>(data), rows, cols, rowBytes(type, cols).value_or(0)};
}

WeightStack weightStack(
    TensorType type, const void* data, std::size_t count, std::size_t rows, std::size_t cols)
{
    const std::size_t stride = rowBytes(type, cols).value_or(0);
    return {type, static_cast<const std::byte*>(data), count, rows, cols, stride, rows * stride};
}

} // namespace ponder::kernels
