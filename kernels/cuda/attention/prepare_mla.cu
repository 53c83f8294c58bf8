#include "kernels/cuda/attention/cache.h"

#include <cassert>

#include "kernels/cuda/attention/cache_row.cuh"
#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/device/warp.h"
#include "kernels/cuda/rope/rotate.cuh"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

namespace {

constexpr unsigned kThreads = 256;

// The row of the cache of one token: all threads of a block. row: [cols], shared.
__device__ void appendLatent(const MlaPrepare& p, unsigned token, float* row)
{
    const unsigned pairs = static_cast<unsigned>(p.angles.pairs);
    const unsigned rank = static_cast<unsigned>(p.latent.cols) - 2 * pairs;
    const unsigned position = static_cast<unsigned>(p.state->position) + token;
    const float* latent = p.latent.data + token * p.latent.stride;
    float sum = 0;
    for (unsigned i = threadIdx.x; i < rank; i += kThreads)
        sum += latent[i] * latent[i];
    const float mean = blockSum(sum) / static_cast<float>(rank);
    const float scale = 1.0f / sqrtf(mean + p.epsilon);
    for (unsigned i = threadIdx.x; i < rank; i += kThreads)
        row[i] = latent[i] * scale * p.latentNorm[i];
    for (unsigned i = threadIdx.x; i < pairs; i += kThreads) {
        const PairPlaces at = placesOf(i, pairs, p.style == RopeStyle::Halves);
        const float2 turned = turn(
            latent[rank + at.first], latent[rank + at.second], p.angles.data[token * pairs + i]);
        row[rank + at.first] = turned.x;
        row[rank + at.second] = turned.y;
    }
    __syncthreads();
    storeRow(p.cache, position, 0, row, threadIdx.x, kThreads);
}

// [tokens, 1 + blocks for the heads' pairs] blocks: the first of a token writes the cache.
__global__ void __launch_bounds__(kThreads) prepareLatents(MlaPrepare p)
{
    PONDER_SHARED_DYNAMIC(float, row);
    const unsigned token = blockIdx.x;
    waitForPrevious();
    letNextStart();
    if (blockIdx.y == 0) {
        appendLatent(p, token, row);
        return;
    }
    const unsigned pairs = static_cast<unsigned>(p.angles.pairs);
    const unsigned i = (blockIdx.y - 1) * kThreads + threadIdx.x;
    if (i >= static_cast<unsigned>(p.query.heads) * pairs)
        return;
    const unsigned head = i / pairs;
    const unsigned pair = i % pairs;
    const PairPlaces at = placesOf(pair, pairs, p.style == RopeStyle::Halves);
    const float* from = p.query.data + token * p.query.tokenStride + head * p.query.headStride;
    float* to = p.rotated.data + token * p.rotated.tokenStride + head * p.rotated.headStride;
    const float2 turned
        = turn(from[at.first], from[at.second], p.angles.data[token * pairs + pair]);
    to[at.first] = turned.x;
    to[at.second] = turned.y;
}

} // namespace

Status prepareMla(const MlaPrepare& p, cudaStream_t stream)
{
    assert(p.latent.cols == p.cache.cols && p.latent.cols > p.angles.dim());
    assert(p.query.cols == p.angles.dim() && p.rotated.cols == p.angles.dim());
    assert(p.query.tokens == p.latent.rows && p.rotated.heads == p.query.heads);
    if (p.latent.rows == 0)
        return {};
    const std::size_t pairs = p.query.heads * p.angles.pairs;
    const dim3 grid(static_cast<unsigned>(p.latent.rows),
        static_cast<unsigned>(1 + (pairs + kThreads - 1) / kThreads));
    return PONDER_LAUNCH_OVERLAPPED(
        prepareLatents, grid, kThreads, p.latent.cols * sizeof(float), stream, p);
}

} // namespace ponder::kernels::cuda
