#pragma once

#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/matmul/row_stream.cuh"
#include "kernels/cuda/matmul/vectors.cuh"
#include "kernels/cuda/moe/choices.cuh"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

/// out += the weighted sum of down(hidden) over a tile's experts: a warp adds up its rows of all of them.
template <int kTokens> struct DownPlan {
    using Sums = float[kRowsPerLane][kTokens];

    const FeedForwardKernel& p;
    const RowStream<kTokens>& stream;
    const Choices<kTokens>& choices;
    const std::uint8_t* sharedVectors;
    const std::uint8_t* routedVectors;
    const std::uint16_t* index;
    unsigned sharedSegments; // 0 or 1
    unsigned chosen;
    Sums total;

    __device__ __forceinline__ bool open(unsigned tile, unsigned segment, Segment& s) const
    {
        const unsigned firstRow = tile * stream.tileRows();
        if (segment < sharedSegments) {
            s = segmentOf(p.shared.down, 0, firstRow, stream.tileRows());
            s.x = vectorsOf(
                p.shared.forms, p.shared.down, sharedVectors, index, (1U << p.tokens) - 1);
            return true;
        }
        const unsigned choice = segment - sharedSegments;
        if (choice >= chosen)
            return false;
        s = segmentOf(p.routed.down, choices.expert[choice], firstRow, stream.tileRows());
        s.x = vectorsOf(p.routed.forms, p.routed.down, routedVectors,
            choices.slot + choice * kTokens, choices.mask[choice]);
        return true;
    }

    __device__ __forceinline__ void endSegment(const Segment& s, unsigned segment, Sums& sum)
    {
        PONDER_UNROLL
        for (int t = 0; t < kTokens; ++t) {
            if ((s.x.mask >> t & 1) == 0)
                continue;
            const float weight = segment < sharedSegments
                ? 1.0F
                : choices.weight[(segment - sharedSegments) * kTokens + t];
            PONDER_UNROLL
            for (unsigned i = 0; i < kRowsPerLane; ++i)
                total[i][t] = fmaf(weight, sum[i][t], total[i][t]);
        }
        clearSums(sum);
    }

    /// What the biases of a token's experts add to a row.
    __device__ __forceinline__ float biasOf(unsigned token, unsigned row) const
    {
        float bias
            = sharedSegments > 0 && p.shared.downBias != nullptr ? p.shared.downBias[row] : 0.0F;
        if (p.routed.downBias != nullptr) {
            for (unsigned i = 0; i < chosen; ++i)
                if ((choices.mask[i] >> token & 1) != 0)
                    bias = fmaf(choices.weight[i * kTokens + token],
                        p.routed.downBias[std::size_t{choices.expert[i]} * p.d + row], bias);
        }
        return bias;
    }

    __device__ __forceinline__ void endTile(unsigned tile, Sums&)
    {
        stream.reduce(total);
        PONDER_UNROLL
        for (unsigned i = 0; i < kRowsPerLane; ++i) {
            const unsigned row = tile * stream.tileRows() + stream.row + i;
            if (stream.position != 0 || row >= p.d)
                continue;
            PONDER_UNROLL
            for (unsigned t = 0; t < kTokens; ++t)
                if (t < p.tokens)
                    p.out[t * p.outStride + row] += total[i][t] + biasOf(t, row);
        }
        clearSums(total);
    }
};

template <int kTokens>
__global__ void __launch_bounds__(kStreamThreads, 2)
    downRows(const __grid_constant__ FeedForwardKernel p)
{
    PONDER_SHARED_DYNAMIC(std::uint8_t, shared);
    const unsigned warp = threadIdx.x / kWarpSize;
    const RowStream<kTokens> stream({shared + warp * p.downShape.stageBytes() * kStages,
        p.downShape.lanesLog2, p.downShape.slotBytes});
    std::uint8_t* const rest = shared + p.downShape.ringBytes();
    auto* const index = reinterpret_cast<std::uint16_t*>(rest);
    Choices<kTokens> choices(rest + kIndexBytes, p.tokens * p.used);
    std::uint8_t* const sharedVectors = rest + kIndexBytes + p.choiceBytes;
    std::uint8_t* const routedVectors = sharedVectors + p.shared.forms.bytes();
    if (threadIdx.x < kTokens)
        index[threadIdx.x] = static_cast<std::uint16_t>(threadIdx.x);

    const bool isReady = p.sharedReady != nullptr || p.routedReady != nullptr;
    const bool routed = p.routed.experts > 0;
    DownPlan<kTokens> plan{p, stream, choices, isReady ? p.sharedReady : sharedVectors,
        isReady ? p.routedReady : routedVectors, index, p.shared.experts > 0 ? 1U : 0U, 0, {}};
    const unsigned first = warp * gridDim.x + blockIdx.x;
    const unsigned stride = kStreamWarps * gridDim.x;
    using Steps = Cursor<DownPlan<kTokens>>;
    Steps ahead(plan, first, plan.sharedSegments > 0 ? p.downTiles : 0, stride, 0, 1);
    const unsigned filled = stream.startEarly(ahead);
    waitForPrevious();
    letNextStart();
    if (routed) {
        choices.build(p, p.ids, p.weights);
        plan.chosen = *choices.count;
    }
    ahead.extend(plan, p.downTiles);
    stream.start(plan, ahead, filled);
    if (!isReady) {
        for (unsigned i = 0; i < p.shared.forms.count; ++i)
            makeVector(p.shared.forms, p.shared.hidden + std::size_t{i} * p.shared.ff, nullptr, 0,
                i, sharedVectors);
        for (unsigned i = 0; i < p.routed.forms.count; ++i)
            makeVector(p.routed.forms, p.routed.hidden + std::size_t{i} * p.routed.ff, nullptr, 0,
                i, routedVectors);
    }
    __syncthreads();
    Steps now(plan, first, p.downTiles, stride, 0, 1);
    stream.run(plan, ahead, now);
}

template <int kTokens>
Status launchDown(const FeedForwardKernel& p, unsigned blocks, std::size_t shared, const Work& work)
{
    return launchKernel<downRows<kTokens>>(
        "downRows", LaunchShape{blocks, kStreamThreads, shared, work.stream, work.overlap}, p);
}

} // namespace ponder::kernels::cuda
