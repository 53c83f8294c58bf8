#include "kernels/cuda/rope/rope.h"

#include <cassert>

#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/rope/rotate.cuh"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

namespace {

constexpr unsigned kThreads = 128;

struct AnglesParams {
    const float* frequencies; // [pairs]
    const StepState* state;
    float2* angles; // [tokens, pairs]
    unsigned pairs;
    unsigned count; // tokens * pairs
    float attentionFactor;
};

__global__ void __launch_bounds__(kThreads) anglesOfPositions(AnglesParams p)
{
    const unsigned i = blockIdx.x * kThreads + threadIdx.x;
    waitForPrevious();
    letNextStart();
    if (i >= p.count)
        return;
    const auto position = static_cast<float>(p.state->position + static_cast<int>(i / p.pairs));
    const float angle = position * p.frequencies[i % p.pairs];
    p.angles[i] = make_float2(cosf(angle) * p.attentionFactor, sinf(angle) * p.attentionFactor);
}

struct RotateParams {
    const float2* angles; // [tokens, pairs]
    ConstHeadRows from; // [tokens, heads, 2 * pairs]
    HeadRows to;
    unsigned pairs;
    unsigned heads;
    unsigned count; // tokens * heads * pairs
    bool halves;
};

__global__ void __launch_bounds__(kThreads) rotateRows(RotateParams p)
{
    const unsigned i = blockIdx.x * kThreads + threadIdx.x;
    waitForPrevious();
    letNextStart();
    if (i >= p.count)
        return;
    const unsigned pair = i % p.pairs;
    const unsigned head = i / p.pairs % p.heads;
    const unsigned token = i / p.pairs / p.heads;
    const PairPlaces at = placesOf(pair, p.pairs, p.halves);
    const float* from = p.from.data + token * p.from.tokenStride + head * p.from.headStride;
    float* to = p.to.data + token * p.to.tokenStride + head * p.to.headStride;
    const float2 turned = turn(from[at.first], from[at.second], p.angles[token * p.pairs + pair]);
    to[at.first] = turned.x;
    to[at.second] = turned.y;
}

unsigned blocksFor(std::size_t count)
{
    return static_cast<unsigned>((count + kThreads - 1) / kThreads);
}

} // namespace

Status makeRopeAngles(const float* frequencies, std::size_t pairs, float attentionFactor,
    const StepState* state, std::size_t tokens, float2* angles, cudaStream_t stream)
{
    const std::size_t count = tokens * pairs;
    if (count == 0)
        return {};
    const AnglesParams params{frequencies, state, angles, static_cast<unsigned>(pairs),
        static_cast<unsigned>(count), attentionFactor};
    return PONDER_LAUNCH_OVERLAPPED(
        anglesOfPositions, blocksFor(count), kThreads, 0, stream, params);
}

Status rope(const RopeAngles& angles, RopeLayout layout, ConstHeadRows from, HeadRows to,
    cudaStream_t stream)
{
    assert(from.cols == angles.dim() && to.cols == angles.dim());
    assert(from.tokens == to.tokens && from.heads == to.heads);
    const std::size_t count = from.tokens * from.heads * angles.pairs;
    if (count == 0)
        return {};
    const RotateParams params{angles.data, from, to, static_cast<unsigned>(angles.pairs),
        static_cast<unsigned>(from.heads), static_cast<unsigned>(count),
        layout == RopeLayout::HalfSplit};
    return PONDER_LAUNCH_OVERLAPPED(rotateRows, blocksFor(count), kThreads, 0, stream, params);
}

} // namespace ponder::kernels::cuda
