#include "kernels/cuda/norm/rms_norm.h"

#include <cstdint>

#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/device/warp.h"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

namespace {

struct NormParams {
    const float* x; // [tokens, cols], stride xStride
    const float* weight; // [cols]
    float* y; // [tokens, cols], stride yStride
    std::size_t xStride, yStride;
    unsigned cols;
    float epsilon;
};

constexpr unsigned kMaxThreads = 1024;

// A block a token. kWide: four numbers a load, where all rows are aligned and cols allows it.
template <bool kWide> __global__ void __launch_bounds__(kMaxThreads) normRows(NormParams p)
{
    constexpr unsigned kStep = kWide ? 4 : 1;
    const unsigned first = threadIdx.x * kStep;
    const unsigned next = blockDim.x * kStep;
    const float* x = p.x + blockIdx.x * p.xStride;
    float* y = p.y + blockIdx.x * p.yStride;
    waitForPrevious();
    float sum = 0;
    for (unsigned i = first; i < p.cols; i += next) {
        if constexpr (kWide) {
            const float4 v = *reinterpret_cast<const float4*>(x + i);
            sum += (v.x * v.x + v.y * v.y) + (v.z * v.z + v.w * v.w);
        } else {
            sum += x[i] * x[i];
        }
    }
    letNextStart();
    const float mean = blockSum(sum) / static_cast<float>(p.cols);
    const float scale = 1.0f / sqrtf(mean + p.epsilon);
    for (unsigned i = first; i < p.cols; i += next) {
        if constexpr (kWide) {
            const float4 v = *reinterpret_cast<const float4*>(x + i);
            const float4 w = *reinterpret_cast<const float4*>(p.weight + i);
            *reinterpret_cast<float4*>(y + i) = make_float4(
                v.x * scale * w.x, v.y * scale * w.y, v.z * scale * w.z, v.w * scale * w.w);
        } else {
            y[i] = x[i] * scale * p.weight[i];
        }
    }
}

bool isAligned(const void* p, std::size_t strideBytes)
{
    return reinterpret_cast<std::uintptr_t>(p) % 16 == 0 && strideBytes % 16 == 0;
}

} // namespace

Status rmsNorm(
    ConstFloatRows x, const float* weight, float epsilon, FloatRows y, cudaStream_t stream)
{
    if (x.rows == 0)
        return {};
    const NormParams params{
        x.data, weight, y.data, x.stride, y.stride, static_cast<unsigned>(x.cols), epsilon};
    const bool wide = x.cols % 4 == 0 && isAligned(x.data, x.stride * sizeof(float))
        && isAligned(y.data, y.stride * sizeof(float)) && isAligned(weight, 0);
    const std::size_t loads = wide ? x.cols / 4 : x.cols;
    const unsigned threads = loads >= kMaxThreads
        ? kMaxThreads
        : static_cast<unsigned>((loads + kWarpSize - 1) / kWarpSize * kWarpSize);
    const auto rows = static_cast<unsigned>(x.rows);
    return wide ? PONDER_LAUNCH_OVERLAPPED(normRows<true>, rows, threads, 0, stream, params)
                : PONDER_LAUNCH_OVERLAPPED(normRows<false>, rows, threads, 0, stream, params);
}

} // namespace ponder::kernels::cuda
