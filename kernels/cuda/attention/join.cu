#include "kernels/cuda/attention/rows.cuh"

#include "kernels/cuda/device/numbers.h"
#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/device/warp.h"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

namespace {

constexpr unsigned kThreads = 256;
constexpr unsigned kWarps = kThreads / kWarpSize;
constexpr unsigned kCols = 128; // of a block
constexpr unsigned kColsPerLane = kCols / kWarpSize;
constexpr unsigned kAtOnce = 4; // shares that a warp has on their way

// Each share's factor, and what the row's values are multiplied by in the end. All threads.
__device__ float weighShares(
    const AttentionArguments& a, unsigned kvHead, unsigned row, float* factors)
{
    PONDER_SHARED_ARRAY(float, ofWarps, kWarps);
    const unsigned shares = a.cut.shares;
    float largest = -kInfinity;
    for (unsigned s = threadIdx.x; s < shares; s += kThreads) {
        const Partial part = partial(a, s, kvHead, row);
        const float max = *part.sum > 0 ? *part.max : -kInfinity;
        largest = max > largest ? max : largest;
    }
    largest = warpMax(largest);
    if (threadIdx.x % kWarpSize == 0)
        ofWarps[threadIdx.x / kWarpSize] = largest;
    __syncthreads();
    for (unsigned w = 0; w < kWarps; ++w)
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
    return finishFactor(a.step, kvHead * a.cut.group + row % a.cut.group, largest, sum);
}

// [rows, kvHeads, parts of the columns] blocks; a warp takes every eighth share.
__global__ void __launch_bounds__(kThreads) joinRows(AttentionArguments a)
{
    PONDER_SHARED_ARRAY(float, factors, kMostShares);
    PONDER_SHARED_ARRAY(float, sums, kWarps* kCols);
    const unsigned kvHead = blockIdx.y;
    const unsigned row = blockIdx.x;
    const unsigned lane = threadIdx.x % kWarpSize;
    const unsigned warp = threadIdx.x / kWarpSize;
    const auto cols = static_cast<unsigned>(a.step.values.cols);
    const unsigned firstCol = blockIdx.z * kCols;
    waitForPrevious();
    letNextStart();
    const float finish = weighShares(a, kvHead, row, factors);
    const float* values = partial(a, 0, kvHead, row).values + firstCol + lane;
    const std::size_t step
        = std::size_t{a.cut.rows} * a.step.keys.heads * cols; // to the next share's
    float sum[kColsPerLane] = {};
    for (unsigned first = warp; first < a.cut.shares; first += kWarps * kAtOnce) {
        float loaded[kAtOnce][kColsPerLane];
        float factor[kAtOnce];
        PONDER_UNROLL
        for (unsigned i = 0; i < kAtOnce; ++i) {
            const unsigned s = first + i * kWarps;
            factor[i] = s < a.cut.shares ? factors[s] : 0.0f;
            PONDER_UNROLL
            for (unsigned c = 0; c < kColsPerLane; ++c) {
                const bool there = factor[i] != 0 && firstCol + c * kWarpSize + lane < cols;
                loaded[i][c] = there ? values[s * step + c * kWarpSize] : 0.0f;
            }
        }
        PONDER_UNROLL
        for (unsigned i = 0; i < kAtOnce; ++i) {
            PONDER_UNROLL
            for (unsigned c = 0; c < kColsPerLane; ++c)
                sum[c] += factor[i] * loaded[i][c];
        }
    }
    PONDER_UNROLL
    for (unsigned c = 0; c < kColsPerLane; ++c)
        sums[warp * kCols + c * kWarpSize + lane] = sum[c];
    __syncthreads();
    const unsigned col = firstCol + threadIdx.x;
    if (threadIdx.x >= kCols || col >= cols)
        return;
    float value = 0;
    PONDER_UNROLL
    for (unsigned w = 0; w < kWarps; ++w)
        value += sums[w * kCols + threadIdx.x];
    const unsigned head = kvHead * a.cut.group + row % a.cut.group;
    a.step.out.data[row / a.cut.group * a.step.out.tokenStride + head * a.step.out.headStride + col]
        = value * finish;
}

} // namespace

Status joinParts(const AttentionArguments& a, cudaStream_t stream)
{
    const dim3 grid(a.cut.rows, static_cast<unsigned>(a.step.keys.heads),
        static_cast<unsigned>((a.step.values.cols + kCols - 1) / kCols));
    return PONDER_LAUNCH_OVERLAPPED(joinRows, grid, kThreads, 0, stream, a);
}

} // namespace ponder::kernels::cuda
