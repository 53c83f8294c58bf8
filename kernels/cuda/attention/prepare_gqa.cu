#include "kernels/cuda/attention/cache.h"

#include <algorithm>
#include <cassert>

#include "kernels/cuda/attention/cache_row.cuh"
#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/device/warp.h"
#include "kernels/cuda/rope/rotate.cuh"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

namespace {

constexpr unsigned kWarps = 4;

// A head's numbers after bias and norm, in shared memory: one warp.
__device__ void loadHead(const float* from, const float* bias, const float* norm, float epsilon,
    unsigned cols, unsigned lane, float* head)
{
    float sum = 0;
    for (unsigned i = lane; i < cols; i += kWarpSize) {
        const float v = bias != nullptr ? from[i] + bias[i] : from[i];
        head[i] = v;
        sum += v * v;
    }
    if (norm != nullptr) {
        const float mean = warpSum(sum) / static_cast<float>(cols);
        const float scale = 1.0f / sqrtf(mean + epsilon);
        for (unsigned i = lane; i < cols; i += kWarpSize)
            head[i] = head[i] * scale * norm[i];
    }
    __syncwarp();
}

// Turns a head in shared memory: one warp.
__device__ void turnHead(const GqaPrepare& p, unsigned token, unsigned lane, float* head)
{
    const unsigned pairs = static_cast<unsigned>(p.angles.pairs);
    for (unsigned i = lane; i < pairs; i += kWarpSize) {
        const PairPlaces at = placesOf(i, pairs, p.layout == RopeLayout::HalfSplit);
        const float2 turned
            = turn(head[at.first], head[at.second], p.angles.data[token * pairs + i]);
        head[at.first] = turned.x;
        head[at.second] = turned.y;
    }
    __syncwarp();
}

// A warp a head: first the query's, then the keys', then the values'. Shared: [kWarps, longest head].
__global__ void __launch_bounds__(kWarps* kWarpSize) prepareHeads(GqaPrepare p, unsigned longest)
{
    PONDER_SHARED_DYNAMIC(float, shared);
    const unsigned token = blockIdx.x;
    const unsigned warp = threadIdx.x / kWarpSize;
    const unsigned lane = threadIdx.x % kWarpSize;
    float* head = shared + warp * longest;
    const unsigned heads = static_cast<unsigned>(p.query.heads);
    const unsigned kvHeads = static_cast<unsigned>(p.key.heads);
    unsigned h = blockIdx.y * kWarps + warp;
    waitForPrevious();
    letNextStart();
    const unsigned position = static_cast<unsigned>(p.state->position) + token;
    if (h < heads) {
        const unsigned cols = static_cast<unsigned>(p.query.cols);
        float* query = p.query.data + token * p.query.tokenStride + h * p.query.headStride;
        loadHead(query, p.queryBias == nullptr ? nullptr : p.queryBias + h * cols, p.queryNorm,
            p.epsilon, cols, lane, head);
        turnHead(p, token, lane, head);
        for (unsigned i = lane; i < cols; i += kWarpSize)
            query[i] = head[i];
        return;
    }
    h -= heads;
    if (h < kvHeads) {
        const unsigned cols = static_cast<unsigned>(p.key.cols);
        loadHead(p.key.data + token * p.key.tokenStride + h * p.key.headStride,
            p.keyBias == nullptr ? nullptr : p.keyBias + h * cols, p.keyNorm, p.epsilon, cols, lane,
            head);
        turnHead(p, token, lane, head);
        storeRow(p.keys, position, h, head, lane, kWarpSize);
        return;
    }
    h -= kvHeads;
    if (h < kvHeads) {
        const unsigned cols = static_cast<unsigned>(p.value.cols);
        loadHead(p.value.data + token * p.value.tokenStride + h * p.value.headStride,
            p.valueBias == nullptr ? nullptr : p.valueBias + h * cols, nullptr, 0, cols, lane,
            head);
        storeRow(p.values, position, h, head, lane, kWarpSize);
    }
}

} // namespace

Status prepareGqa(const GqaPrepare& p, cudaStream_t stream)
{
    assert(p.query.cols == p.key.cols && p.angles.dim() <= p.key.cols);
    assert(p.query.tokens == p.key.tokens && p.key.tokens == p.value.tokens);
    assert(p.key.heads == p.value.heads && p.keys.heads == p.key.heads);
    if (p.query.tokens == 0)
        return {};
    const std::size_t heads = p.query.heads + 2 * p.key.heads;
    const dim3 grid(static_cast<unsigned>(p.query.tokens),
        static_cast<unsigned>((heads + kWarps - 1) / kWarps));
    const std::size_t longest = std::max(p.key.cols, p.value.cols);
    return PONDER_LAUNCH_OVERLAPPED(prepareHeads, grid, kWarps * kWarpSize,
        kWarps * longest * sizeof(float), stream, p, static_cast<unsigned>(longest));
}

} // namespace ponder::kernels::cuda
