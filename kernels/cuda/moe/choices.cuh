#pragma once

#include <cstdint>

#include "kernels/cuda/device.h"
#include "kernels/cuda/moe/feed_forward_launch.h"
#include "kernels/cuda/quant/load.cuh"
#include "kernels/cuda/router/choice.cuh"

namespace ponder::kernels::cuda {

/// The experts that a few tokens chose, each once, in order of their ids, in shared memory. So an expert is
/// read once for all of its tokens, and sums have the same order whatever the batch.
template <int kTokens> struct Choices {
    unsigned* count; ///< [1] experts
    std::uint32_t* expert; ///< [pairs]
    std::uint32_t* mask; ///< [pairs] bit t: token t chose it
    float* weight; ///< [pairs][kTokens]
    std::uint16_t* slot; ///< [pairs][kTokens]: t * used + k
    std::uint32_t* key; ///< [pairs], to sort with
    std::uint32_t* first; ///< [pairs]: whether the pair is its key's first

    __device__ __forceinline__ Choices(std::uint8_t* memory, unsigned pairs)
        : count(reinterpret_cast<unsigned*>(memory))
        , expert(count + 4)
        , mask(expert + pairs)
        , weight(reinterpret_cast<float*>(mask + pairs))
        , slot(reinterpret_cast<std::uint16_t*>(weight + pairs * kTokens))
        , key(reinterpret_cast<std::uint32_t*>(weight + pairs * kTokens * 2))
        , first(key + pairs)
    {
    }

    /// The whole block calls it; at most kStreamThreads pairs. Ends with a barrier. ids, weights:
    /// [tokens, used], the kernel's or what routeHere() made.
    __device__ __forceinline__ void build(
        const FeedForwardKernel& p, const std::int32_t* ids, const float* weights)
    {
        const unsigned pairs = p.tokens * p.used;
        const unsigned i = threadIdx.x;
        constexpr std::uint32_t kNone = 0xFFFFFFFF;
        std::uint32_t id = kNone;
        if (i < pairs) {
            id = static_cast<std::uint32_t>(ids[i]);
            if (!p.routed.has(id))
                id = kNone;
            key[i] = id;
        }
        __syncthreads();
        // A token that names an expert twice gets it twice.
        unsigned again = 0;
        if (i < pairs)
            for (unsigned j = i / p.used * p.used; j < i; ++j)
                again += key[j] == id ? 1 : 0;
        __syncthreads();
        const std::uint32_t own = id == kNone ? kNone : id * kMaxUsedExperts + again;
        if (i < pairs)
            key[i] = own;
        __syncthreads();
        const bool chosen = i < pairs && own != kNone;
        bool isFirst = chosen;
        std::uint32_t tokens = 0;
        if (chosen)
            for (unsigned j = 0; j < pairs; ++j) {
                const bool same = key[j] == own;
                isFirst = isFirst && !(same && j < i);
                tokens |= same ? 1U << (j / p.used) : 0;
            }
        if (i < pairs)
            first[i] = isFirst ? 1 : 0;
        const auto experts = static_cast<unsigned>(__syncthreads_count(isFirst ? 1 : 0));
        if (i == 0)
            *count = experts;
        if (chosen) {
            unsigned at = 0;
            for (unsigned j = 0; j < pairs; ++j)
                at += first[j] != 0 && key[j] < own ? 1 : 0;
            const unsigned token = i / p.used;
            slot[at * kTokens + token] = static_cast<std::uint16_t>(i);
            weight[at * kTokens + token] = weights[i];
            if (isFirst) {
                expert[at] = id;
                mask[at] = tokens;
            }
        }
        __syncthreads();
    }
};

/// What a router chose.
struct Routed {
    const std::int32_t* ids; ///< [used]
    const float* weights; ///< [used]
};

/// The choice of the only token: every block makes it by itself, and the first one tells the kernels that
/// come. The whole block calls it. Ends with a barrier. memory: routeBytes(), shared.
__device__ __forceinline__ Routed routeHere(const FeedForwardKernel& p, std::uint8_t* memory)
{
    auto* const ids = reinterpret_cast<std::int32_t*>(memory);
    auto* const weights = reinterpret_cast<float*>(ids + p.used);
    if (threadIdx.x < kWarpSize)
        chooseExperts<kMaxExpertsInside / kWarpSize>(p.route, 0, weights + p.used, ids, weights);
    __syncthreads();
    if (blockIdx.x == 0 && threadIdx.x < p.used) {
        p.route.experts[threadIdx.x] = ids[threadIdx.x];
        p.route.weights[threadIdx.x] = weights[threadIdx.x];
    }
    return {ids, weights};
}

} // namespace ponder::kernels::cuda
