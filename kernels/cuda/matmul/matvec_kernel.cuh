#pragma once

#include <type_traits>

#include "kernels/cuda/attention/combine.cuh"
#include "kernels/cuda/attention/prepare_mla.cuh"
#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/matmul/product_launch.h"
#include "kernels/cuda/matmul/row_stream.cuh"
#include "kernels/cuda/matmul/vectors.cuh"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

/// What a warp of productRows() does with the tiles of one head.
template <int kTokens> struct ProductPlan {
    const ProductKernel& p;
    const RowStream<kTokens>& stream;
    unsigned head;
    const std::uint8_t* vectors; // of this head
    const std::uint16_t* index;
    float* partial; // [warps][tileRows][kTokens]: where all warps of the block share a tile

    __device__ __forceinline__ unsigned partOf(unsigned tile) const
    {
        unsigned part = 0;
        while (part + 1 < p.parts && tile >= p.part[part + 1].firstTile)
            ++part;
        return part;
    }

    __device__ __forceinline__ bool open(unsigned tile, unsigned segment, Segment& s) const
    {
        if (segment > 0)
            return false;
        const ProductKernel::Part& part = p.part[partOf(tile)];
        const unsigned tileRows = stream.tileRows();
        s = segmentOf(part.matrix, head, (tile - part.firstTile) * tileRows, tileRows);
        s.x = vectorsOf(p.forms, part.matrix, vectors, index, (1U << p.tokens) - 1);
        return true;
    }

    __device__ __forceinline__ void endSegment(
        const Segment&, unsigned, float (&)[kRowsPerLane][kTokens]) const
    {
    }

    __device__ __forceinline__ void endTile(
        unsigned tile, float (&sum)[kRowsPerLane][kTokens]) const
    {
        stream.reduce(sum);
        const ProductKernel::Part& part = p.part[partOf(tile)];
        const unsigned first = (tile - part.firstTile) * stream.tileRows();
        const bool leader = stream.position == 0;
        if (p.shareTiles) {
            const unsigned warp = threadIdx.x / kWarpSize;
            const unsigned size = stream.tileRows() * kTokens;
            PONDER_UNROLL
            for (unsigned i = 0; i < kRowsPerLane; ++i) {
                PONDER_UNROLL
                for (int t = 0; t < kTokens; ++t)
                    if (leader)
                        partial[warp * size + (stream.row + i) * kTokens + t] = sum[i][t];
            }
            __syncthreads();
            for (unsigned at = threadIdx.x; at < size; at += kStreamThreads) {
                float whole = 0;
                for (unsigned w = 0; w < kStreamWarps; ++w)
                    whole += partial[w * size + at];
                put(part, first + at / kTokens, at % kTokens, whole);
            }
            __syncthreads();
        } else if (leader) {
            PONDER_UNROLL
            for (unsigned i = 0; i < kRowsPerLane; ++i) {
                PONDER_UNROLL
                for (unsigned t = 0; t < kTokens; ++t)
                    put(part, first + stream.row + i, t, sum[i][t]);
            }
        }
        clearSums(sum);
    }

    __device__ __forceinline__ void put(
        const ProductKernel::Part& part, unsigned row, unsigned token, float value) const
    {
        if (row >= part.matrix.rows || token >= p.tokens)
            return;
        float* y = part.y + token * part.yTokenStride + head * part.yHeadStride + row;
        if (part.bias != nullptr)
            value += part.bias[row];
        *y = part.accumulate ? *y + value : value;
    }
};

/// The input of a head and token, combined from attention's splits by the whole block. The next call overwrites
/// this shared memory.
__device__ __forceinline__ const float* combinedInput(
    const AttentionArguments& a, unsigned head, unsigned token)
{
    static_assert(kCombineThreads == kStreamThreads);
    PONDER_SHARED_ARRAY(float, factors, kMaxSplits);
    PONDER_SHARED_ARRAY(float, sums, kCombineWarps* kCombineCols);
    PONDER_SHARED_ARRAY(float4, combined, kMaxCombinedCols / 4);
    auto* const to = reinterpret_cast<float*>(combined);
    const auto cols = static_cast<unsigned>(a.step.values.cols);
    const unsigned group = a.cut.group;
    const unsigned row = token * group + head % group;
    __syncthreads(); // all threads have read the previous call's
    const float finish = splitScales(a, head / group, row, factors);
    for (unsigned first = 0; first < cols; first += kCombineCols) {
        const float value = combineColumns(a, head / group, row, first, factors, sums);
        if (threadIdx.x < kCombineCols && first + threadIdx.x < cols)
            to[first + threadIdx.x] = value * finish;
        __syncthreads();
    }
    return to;
}

template <typename Fused>
__device__ __forceinline__ const float* inputOf(
    const ProductKernel& p, const Fused& fused, unsigned head, unsigned token)
{
    if constexpr (std::is_same_v<Fused, AfterAttentionCombine>)
        return combinedInput(fused.attention, head, token);
    else
        return p.x + token * p.xTokenStride + head * p.xHeadStride;
}

// grid: (any number, heads), and before these the rows of what is fused. Blocks of a head divide its tiles among their warps.
template <int kTokens, typename Fused>
__global__ void __launch_bounds__(kStreamThreads, 2)
    productRows(const __grid_constant__ ProductKernel p, const __grid_constant__ Fused fused)
{
    PONDER_SHARED_DYNAMIC(std::uint8_t, shared);
    constexpr bool kPreparesMla = std::is_same_v<Fused, WithMlaPrepare>;
    const unsigned warp = threadIdx.x / kWarpSize;
    unsigned head = blockIdx.y;
    if constexpr (kPreparesMla) {
        if (head < fused.gridRows) {
            waitForPrevious();
            letNextStart();
            const unsigned at = head * gridDim.x + blockIdx.x;
            const unsigned token = at / fused.parts;
            if (token < p.tokens)
                prepareLatent(fused.prepare, token, at - token * fused.parts,
                    reinterpret_cast<float*>(shared));
            return;
        }
        head -= fused.gridRows;
    }
    const RowStream<kTokens> stream(
        {shared + warp * p.shape.stageBytes() * kStages, p.shape.lanesLog2, p.shape.slotBytes});
    std::uint8_t* const rest = shared + p.shape.ringBytes();
    auto* const index = reinterpret_cast<std::uint16_t*>(rest);
    auto* const partial = reinterpret_cast<float*>(rest + kIndexBytes);
    std::uint8_t* const vectors = rest + kIndexBytes + p.partialBytes;
    if (threadIdx.x < kTokens)
        index[threadIdx.x] = static_cast<std::uint16_t>(
            p.ready == nullptr ? threadIdx.x : threadIdx.x * p.heads + head);

    ProductPlan<kTokens> plan{
        p, stream, head, p.ready == nullptr ? vectors : p.ready, index, partial};
    const unsigned first = p.shareTiles ? blockIdx.x : warp * gridDim.x + blockIdx.x;
    const unsigned stride = p.shareTiles ? gridDim.x : kStreamWarps * gridDim.x;
    const unsigned firstStep = p.shareTiles ? warp : 0;
    const unsigned stepStride = p.shareTiles ? kStreamWarps : 1;
    using Steps = Cursor<ProductPlan<kTokens>>;
    Steps ahead(plan, first, p.tiles, stride, firstStep, stepStride);
    stream.start(plan, ahead);

    waitForPrevious();
    letNextStart();
    if (p.ready == nullptr) {
        for (unsigned t = 0; t < p.tokens; ++t)
            makeVector(
                p.forms, inputOf(p, fused, head, t), p.norm.weight, p.norm.epsilon, t, vectors);
    }
    __syncthreads();
    Steps now(plan, first, p.tiles, stride, firstStep, stepStride);
    stream.run(plan, ahead, now);
}

template <int kTokens, typename Fused>
Status launchProduct(
    const ProductKernel& p, const Fused& fused, dim3 grid, std::size_t shared, const Work& work)
{
    if constexpr (std::is_same_v<Fused, WithMlaPrepare>)
        grid.y += fused.gridRows;
    return launchKernel<productRows<kTokens, Fused>>("productRows",
        LaunchShape{grid, kStreamThreads, shared, work.stream, work.overlap}, p, fused);
}

} // namespace ponder::kernels::cuda
