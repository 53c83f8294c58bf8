#include "kernels/cuda/elementwise/add.h"

#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {
namespace {

constexpr unsigned kThreads = 256;

__global__ void addRows(ConstFloatRows x, FloatRows y)
{
    const std::size_t column = std::size_t{blockIdx.x} * kThreads + threadIdx.x;
    const std::size_t row = blockIdx.y;
    if (column < y.cols)
        y.data[row * y.stride + column] += x.data[row * x.stride + column];
}

} // namespace

Status add(ConstFloatRows x, FloatRows y, cudaStream_t stream)
{
    if (y.rows == 0 || y.cols == 0)
        return {};
    const dim3 grid(
        static_cast<unsigned>((y.cols + kThreads - 1) / kThreads), static_cast<unsigned>(y.rows));
    return PONDER_LAUNCH(addRows, grid, dim3(kThreads), 0, stream, x, y);
}

} // namespace ponder::kernels::cuda
