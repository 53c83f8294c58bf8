#include "kernels/cuda/attention/rows.cuh"

#include "kernels/cuda/device/numbers.h"
#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/device/warp.h"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

namespace {

constexpr unsigned kThreads = 128;
constexpr unsigned kMostShares = 512;

// A block: 128 columns of one row. Shared: each share's factor.
__global__ void __launch_bounds__(kThreads) joinRows(AttentionArguments a)
{
    PONDER_SHARED_ARRAY(float, factors, kMostShares);
    PONDER_SHARED_ARRAY(float, ofWarps, 2 * kThreads / kWarpSize);
    const unsigned kvHead = blockIdx.y;
    const unsigned row = blockIdx.x;
    const unsigned shares = a.cut.shares;
    const unsigned lane = threadIdx.x % kWarpSize;
    const unsigned warp = threadIdx.x / kWarpSize;
    waitForPrevious();
    letNextStart();
    float largest = -kInfinity;
    for (unsigned s = threadIdx.x; s < shares; s += kThreads) {
        const Partial part = partial(a, s, kvHead, row);
        const float max = *part.sum > 0 ? *part.max : largest;
        largest = max > largest ? max : largest;
    }
    largest = warpMax(largest);
    if (lane == 0)
        ofWarps[warp] = largest;
    __syncthreads();
    for (unsigned w = 0; w < kThreads / kWarpSize; ++w)
        largest = ofWarps[w] > largest ? ofWarps[w] : largest;
    float sum = 0;
    for (unsigned s = threadIdx.x; s < shares; s += kThreads) {
        const Partial part = partial(a, s, kvHead, row);
        const float partSum = *part.sum;
        // What saw nothing has no numbers; a NaN does go on.
        const float factor = partSum == 0 ? 0.0f : expf(*part.max - largest);
        factors[s] = factor;
        sum += factor * partSum;
    }
    sum = blockSum(sum); // its barriers also publish factors
    const unsigned head = kvHead * a.cut.group + row % a.cut.group;
    const float finish = finishFactor(a.step, head, largest, sum);
    const unsigned col = blockIdx.z * kThreads + threadIdx.x;
    if (col >= a.step.values.cols)
        return;
    float value = 0;
    const float* values = partial(a, 0, kvHead, row).values + col;
    const std::size_t step
        = std::size_t{a.cut.rows} * a.step.keys.heads * a.step.values.cols; // to the next share's
    for (unsigned s = 0; s < shares; ++s) {
        if (factors[s] != 0)
            value += factors[s] * values[s * step];
    }
    float* out = a.step.out.data + row / a.cut.group * a.step.out.tokenStride
        + head * a.step.out.headStride;
    out[col] = value * finish;
}

} // namespace

Status joinParts(const AttentionArguments& a, cudaStream_t stream)
{
    const dim3 grid(a.cut.rows, static_cast<unsigned>(a.step.keys.heads),
        static_cast<unsigned>((a.step.values.cols + kThreads - 1) / kThreads));
    return PONDER_LAUNCH_OVERLAPPED(joinRows, grid, kThreads, 0, stream, a);
}

} // namespace ponder::kernels::cuda
