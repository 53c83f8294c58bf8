#include "kernels/cuda/quant/rows.h"

#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/quant/decode.cuh"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

namespace {

constexpr unsigned kThreads = 128;

// A thread makes 32 numbers.
__global__ void __launch_bounds__(kThreads)
    rowsToFloats(WeightView w, const std::int32_t* rows, FloatRows y)
{
    waitForPrevious();
    letNextStart();
    const std::size_t first = (std::size_t{blockIdx.x} * kThreads + threadIdx.x) * 32;
    if (first >= w.cols)
        return;
    const std::size_t r = rows == nullptr ? blockIdx.y : static_cast<std::size_t>(rows[blockIdx.y]);
    const auto* row = reinterpret_cast<const std::uint8_t*>(w.data) + r * w.rowStride;
    const float* scales = w.scales.data == nullptr
        ? nullptr
        : w.scales.data + (w.scales.firstRow + r) / kScaleBlock * w.scales.stride;
    float out[32];
    loadFloats(w.type, row, scales, first, w.cols, out);
    float* to = y.data + blockIdx.y * y.stride + first;
    PONDER_UNROLL
    for (unsigned i = 0; i < 32; ++i)
        if (first + i < w.cols)
            to[i] = out[i];
}

} // namespace

std::size_t weightAlignment(TensorType type)
{
    return alignmentOf(traits(type).bytesPerBlock);
}

Status dequantizeRows(
    cudaStream_t stream, const WeightView& w, const std::int32_t* rows, FloatRows y)
{
    constexpr std::size_t kMaxRows = 65535; // of a grid
    const auto blocks = static_cast<unsigned>((w.cols + 32 * kThreads - 1) / (32 * kThreads));
    for (std::size_t first = 0; first < y.rows; first += kMaxRows) {
        const std::size_t count = y.rows - first < kMaxRows ? y.rows - first : kMaxRows;
        WeightView from = w;
        if (rows == nullptr)
            from = w.slice(first, count);
        PONDER_CUDA_TRY(
            PONDER_LAUNCH_OVERLAPPED(rowsToFloats, dim3(blocks, static_cast<unsigned>(count)),
                kThreads, 0, stream, from, rows == nullptr ? nullptr : rows + first,
                FloatRows(y.data + first * y.stride, count, y.cols, y.stride)));
    }
    return {};
}

} // namespace ponder::kernels::cuda
