#pragma once

#include "kernels/cuda/attention/cache_row.cuh"
#include "kernels/cuda/rope/rotate.cuh"

// What a block does of prepareMla().

namespace ponder::kernels::cuda {

/// The row of the cache of one token: all threads of a block. row: [cols], shared.
__device__ __forceinline__ void appendLatent(const MlaPrepare& p, unsigned token, float* row)
{
    const unsigned pairs = static_cast<unsigned>(p.angles.pairs);
    const unsigned rank = static_cast<unsigned>(p.latent.cols) - 2 * pairs;
    const unsigned position = static_cast<unsigned>(p.state->position) + token;
    const float* latent = p.latent.data + token * p.latent.stride;
    float sum = 0;
    for (unsigned i = threadIdx.x; i < rank; i += blockDim.x)
        sum += latent[i] * latent[i];
    const float mean = blockSum(sum) / static_cast<float>(rank);
    const float scale = 1.0f / sqrtf(mean + p.epsilon);
    for (unsigned i = threadIdx.x; i < rank; i += blockDim.x)
        row[i] = latent[i] * scale * p.kvANorm[i];
    for (unsigned i = threadIdx.x; i < pairs; i += blockDim.x) {
        const PairPlaces at = placesOf(i, pairs, p.layout == RopeLayout::HalfSplit);
        const float2 turned = turn(
            latent[rank + at.first], latent[rank + at.second], p.angles.data[token * pairs + i]);
        row[rank + at.first] = turned.x;
        row[rank + at.second] = turned.y;
    }
    __syncthreads();
    storeRow(p.cache, position, 0, row, threadIdx.x, blockDim.x);
}

/// Part `part` of a token: the first writes the cache, each of the others turns as many pairs of the heads as
/// the block has threads. row: [latent.cols], shared. Whole warps, all of the block.
__device__ __forceinline__ void prepareLatent(
    const MlaPrepare& p, unsigned token, unsigned part, float* row)
{
    if (part == 0) {
        appendLatent(p, token, row);
        return;
    }
    const unsigned pairs = static_cast<unsigned>(p.angles.pairs);
    const unsigned i = (part - 1) * blockDim.x + threadIdx.x;
    if (i >= static_cast<unsigned>(p.query.heads) * pairs)
        return;
    const unsigned head = i / pairs;
    const unsigned pair = i % pairs;
    const PairPlaces at = placesOf(pair, pairs, p.layout == RopeLayout::HalfSplit);
    const float* from = p.query.data + token * p.query.tokenStride + head * p.query.headStride;
    float* to = p.rotated.data + token * p.rotated.tokenStride + head * p.rotated.headStride;
    const float2 turned
        = turn(from[at.first], from[at.second], p.angles.data[token * pairs + pair]);
    to[at.first] = turned.x;
    to[at.second] = turned.y;
}

} // namespace ponder::kernels::cuda
