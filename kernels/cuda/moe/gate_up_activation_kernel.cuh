#pragma once

#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/matmul/row_stream.cuh"
#include "kernels/cuda/matmul/vectors.cuh"
#include "kernels/cuda/moe/activation.cuh"
#include "kernels/cuda/moe/choices.cuh"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

/// hidden = activation(gate x, up x): first the tiles of the shared expert, then those of the chosen ones.
template <int kTokens> struct HiddenPlan {
    using Sums = float[kRowsPerLane][kTokens];

    const FeedForwardKernel& p;
    const RowStream<kTokens>& stream;
    const Choices<kTokens>& choices;
    const std::uint8_t* vectors;
    const std::uint16_t* index;
    Sums gate;

    struct Place {
        const ExpertSide& side;
        unsigned expert, firstRow, mask;
        const std::uint16_t* slot; // [kTokens]: where each token's hidden row is
    };

    __device__ __forceinline__ Place placeOf(unsigned tile) const
    {
        if (tile < p.shared.hiddenTiles)
            return {p.shared, 0, tile * stream.tileRows(), (1U << p.tokens) - 1, index};
        const unsigned routed = tile - p.shared.hiddenTiles;
        const unsigned choice = routed / p.routed.hiddenTiles;
        return {p.routed, choices.expert[choice],
            (routed - choice * p.routed.hiddenTiles) * stream.tileRows(), choices.mask[choice],
            choices.slot + choice * kTokens};
    }

    __device__ __forceinline__ bool open(unsigned tile, unsigned segment, Segment& s) const
    {
        if (segment > 1)
            return false;
        const Place place = placeOf(tile);
        const StreamMatrix& m = segment == 0 ? place.side.gate : place.side.up;
        s = segmentOf(m, place.expert, place.firstRow, stream.tileRows());
        s.x = vectorsOf(p.forms, m, vectors, index, place.mask);
        return true;
    }

    __device__ __forceinline__ void endSegment(const Segment&, unsigned segment, Sums& sum)
    {
        if (segment > 0)
            return;
        PONDER_UNROLL
        for (unsigned i = 0; i < kRowsPerLane; ++i) {
            PONDER_UNROLL
            for (int t = 0; t < kTokens; ++t)
                gate[i][t] = sum[i][t];
        }
        clearSums(sum);
    }

    __device__ __forceinline__ void endTile(unsigned tile, Sums& up)
    {
        stream.reduce(gate);
        stream.reduce(up);
        const Place place = placeOf(tile);
        const ExpertSide& side = place.side;
        PONDER_UNROLL
        for (unsigned i = 0; i < kRowsPerLane; ++i) {
            const unsigned row = place.firstRow + stream.row + i;
            if (stream.position != 0 || row >= side.ff)
                continue;
            const unsigned bias = place.expert * side.ff + row;
            const float gateBias = side.gateBias == nullptr ? 0.0F : side.gateBias[bias];
            const float upBias = side.upBias == nullptr ? 0.0F : side.upBias[bias];
            PONDER_UNROLL
            for (int t = 0; t < kTokens; ++t)
                if ((place.mask >> t & 1) != 0)
                    side.hidden[std::size_t{place.slot[t]} * side.ff + row]
                        = activate(side.activation, gate[i][t] + gateBias, up[i][t] + upBias);
        }
        clearSums(up);
    }
};

template <int kTokens>
__global__ void __launch_bounds__(kStreamThreads, 2)
    hiddenRows(const __grid_constant__ FeedForwardKernel p)
{
    PONDER_SHARED_DYNAMIC(std::uint8_t, shared);
    const unsigned warp = threadIdx.x / kWarpSize;
    const RowStream<kTokens> stream({shared + warp * p.hiddenShape.stageBytes() * kStages,
        p.hiddenShape.lanesLog2, p.hiddenShape.slotBytes});
    std::uint8_t* const rest = shared + p.hiddenShape.ringBytes();
    auto* const index = reinterpret_cast<std::uint16_t*>(rest);
    Choices<kTokens> choices(rest + kIndexBytes, p.tokens * p.used);
    std::uint8_t* const vectors = rest + kIndexBytes + p.choiceBytes + p.routeBytes;
    if (threadIdx.x < kTokens)
        index[threadIdx.x] = static_cast<std::uint16_t>(threadIdx.x);

    HiddenPlan<kTokens> plan{p, stream, choices, p.ready == nullptr ? vectors : p.ready, index, {}};
    const unsigned first = warp * gridDim.x + blockIdx.x;
    const unsigned stride = kStreamWarps * gridDim.x;
    // Which experts' weights come next is not known before the router is done, but the shared one's is.
    unsigned tiles = p.shared.hiddenTiles;
    using Steps = Cursor<HiddenPlan<kTokens>>;
    Steps ahead(plan, first, tiles, stride, 0, 1);
    const unsigned filled = stream.startEarly(ahead);
    waitForPrevious();
    letNextStart();
    if (p.routed.experts > 0) {
        Routed routed{p.ids, p.weights};
        if constexpr (kTokens == 1) {
            if (p.routes)
                routed = routeHere(p, rest + kIndexBytes + p.choiceBytes);
        }
        choices.build(p, routed.ids, routed.weights);
        tiles += *choices.count * p.routed.hiddenTiles;
        ahead.extend(plan, tiles);
    }
    stream.start(plan, ahead, filled);
    if (p.ready == nullptr) {
        for (unsigned t = 0; t < p.tokens; ++t)
            makeVector(p.forms, p.x + t * p.xStride, p.norm.weight, p.norm.epsilon, t, vectors);
    }
    __syncthreads();
    Steps now(plan, first, tiles, stride, 0, 1);
    stream.run(plan, ahead, now);
}

template <int kTokens>
Status launchHidden(
    const FeedForwardKernel& p, unsigned blocks, std::size_t shared, const Work& work)
{
    return launchKernel<hiddenRows<kTokens>>(
        "hiddenRows", LaunchShape{blocks, kStreamThreads, shared, work.stream, work.overlap}, p);
}

} // namespace ponder::kernels::cuda
