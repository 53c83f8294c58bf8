#include "kernels/cuda/attention/expand.h"

#include <cassert>

#include "kernels/cuda/attention/cache_row.cuh"
#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/quant/decode.cuh"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

namespace {

constexpr unsigned kThreads = 256;

__device__ float numberAt(const CacheRows& cache, const unsigned char* row, unsigned col)
{
    const auto coarse = static_cast<unsigned>(cache.coarse);
    switch (cache.type) {
    case CacheType::F32:
        return numberOf<CacheType::F32>(row, col, coarse);
    case CacheType::Bf16:
        return numberOf<CacheType::Bf16>(row, col, coarse);
    case CacheType::Fp8:
        break;
    }
    return numberOf<CacheType::Fp8>(row, col, coarse);
}

// A block a row.
__global__ void __launch_bounds__(kThreads) unpack(CacheRows cache, unsigned first, FloatRows out)
{
    waitForPrevious();
    letNextStart();
    const unsigned char* row = rowOf(cache, first + blockIdx.x, 0);
    float* to = out.data + blockIdx.x * out.stride;
    for (unsigned c = threadIdx.x; c < static_cast<unsigned>(out.cols); c += kThreads)
        to[c] = numberAt(cache, row, c);
}

constexpr unsigned kGroup = 32; // columns that a thread decodes at once
constexpr unsigned kRows = 128; // a thread each

// [column groups, row blocks, heads] blocks.
__global__ void __launch_bounds__(kRows) transpose(const __grid_constant__ StackTranspose p)
{
    waitForPrevious();
    letNextStart();
    const WeightStack& w = p.w;
    const std::size_t head = blockIdx.z;
    const std::size_t firstCol = std::size_t{blockIdx.x} * kGroup;
    const std::size_t firstRow = std::size_t{blockIdx.y} * kRows;
    const std::size_t row = firstRow + threadIdx.x;
    const bool placed = w.places != nullptr;
    const auto* data = reinterpret_cast<const std::uint8_t*>(
        placed ? w.places[head].data : w.data + head * w.matrixStride);
    const float* scales = placed ? w.places[head].scales : w.scales.data;
    const std::size_t scaleRow = w.scales.firstRow + (placed ? 0 : head * w.scaleRows) + row;
    if (row >= w.rows)
        return;
    float weights[kGroup];
    loadFloats(w.type, data + row * w.rowStride,
        scales == nullptr ? nullptr : scales + scaleRow / kScaleBlock * w.scales.stride, firstCol,
        w.cols, weights);
    PONDER_UNROLL
    for (unsigned c = 0; c < kGroup; ++c) { // the rows of a warp lie together
        if (firstCol + c >= w.cols)
            break;
        const std::size_t at = (head * w.cols + firstCol + c) * w.rows + row;
        if (p.type == TensorType::F32)
            static_cast<float*>(p.out)[at] = weights[c];
        else
            static_cast<__nv_bfloat16*>(p.out)[at] = __float2bfloat16_rn(weights[c]);
    }
}

__device__ __forceinline__ void put(
    const CacheRows& rows, unsigned position, unsigned head, unsigned col, float value)
{
    unsigned char* to = rowOf(rows, position, head);
    if (rows.type == CacheType::F32)
        reinterpret_cast<float*>(to)[col] = value;
    else
        reinterpret_cast<__nv_bfloat16*>(to)[col] = __float2bfloat16_rn(value);
}

// A block a position.
__global__ void __launch_bounds__(kThreads) pack(const __grid_constant__ ExpandedPack p)
{
    waitForPrevious();
    letNextStart();
    const unsigned position = blockIdx.x;
    const auto heads = static_cast<unsigned>(p.keys.heads);
    const auto nope = static_cast<unsigned>(p.keys.cols);
    const auto keyDim = static_cast<unsigned>(p.packedKeys.cols);
    const auto valueDim = static_cast<unsigned>(p.values.cols);
    const auto rank = static_cast<unsigned>(p.rank);
    const unsigned char* latents = rowOf(p.latents, p.first + position, 0);
    const float* keys = p.keys.data + position * p.keys.tokenStride;
    for (unsigned i = threadIdx.x; i < heads * keyDim; i += kThreads) {
        const unsigned head = i / keyDim;
        const unsigned col = i % keyDim;
        put(p.packedKeys, position, head, col,
            col < nope ? keys[head * p.keys.headStride + col]
                       : numberAt(p.latents, latents, rank + col - nope));
    }
    const float* values = p.values.data + position * p.values.tokenStride;
    for (unsigned i = threadIdx.x; i < heads * valueDim; i += kThreads) {
        const unsigned head = i / valueDim;
        const unsigned col = i % valueDim;
        put(p.packedValues, position, head, col, values[head * p.values.headStride + col]);
    }
}

} // namespace

Status unpackRows(const CacheRows& cache, std::size_t first, FloatRows out, cudaStream_t stream)
{
    assert(cache.heads == 1 && out.cols <= cache.cols && first + out.rows <= cache.positions);
    return PONDER_LAUNCH_OVERLAPPED(unpack, static_cast<unsigned>(out.rows), kThreads, 0, stream,
        cache, static_cast<unsigned>(first), out);
}

Status transposeStack(const StackTranspose& p, cudaStream_t stream)
{
    assert(p.type == TensorType::F32 || p.type == TensorType::BF16);
    assert(p.heads <= p.w.count);
    const dim3 grid(static_cast<unsigned>((p.w.cols + kGroup - 1) / kGroup),
        static_cast<unsigned>((p.w.rows + kRows - 1) / kRows), static_cast<unsigned>(p.heads));
    return PONDER_LAUNCH_OVERLAPPED(transpose, grid, kRows, 0, stream, p);
}

Status packExpanded(const ExpandedPack& p, cudaStream_t stream)
{
    assert(p.packedKeys.type == p.packedValues.type && p.packedKeys.type != CacheType::Fp8);
    assert(p.keys.heads == p.packedKeys.heads && p.values.heads == p.packedValues.heads);
    assert(p.packedKeys.cols - p.keys.cols == p.latents.cols - p.rank);
    return PONDER_LAUNCH_OVERLAPPED(
        pack, static_cast<unsigned>(p.keys.tokens), kThreads, 0, stream, p);
}

} // namespace ponder::kernels::cuda
