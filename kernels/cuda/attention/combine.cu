#include "kernels/cuda/attention/combine.cuh"

#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

namespace {

// [rows, kvHeads, parts of the columns] blocks
__global__ void __launch_bounds__(kCombineThreads) combineRows(AttentionArguments a)
{
    PONDER_SHARED_ARRAY(float, factors, kMaxSplits);
    PONDER_SHARED_ARRAY(float, sums, kCombineWarps* kCombineCols);
    const unsigned kvHead = blockIdx.y;
    const unsigned row = blockIdx.x;
    const unsigned firstCol = blockIdx.z * kCombineCols;
    waitForPrevious();
    letNextStart();
    const float finish = splitScales(a, kvHead, row, factors);
    const float value = combineColumns(a, kvHead, row, firstCol, factors, sums);
    const unsigned col = firstCol + threadIdx.x;
    if (threadIdx.x >= kCombineCols || col >= static_cast<unsigned>(a.step.values.cols))
        return;
    const unsigned head = kvHead * a.cut.group + row % a.cut.group;
    a.step.out.data[row / a.cut.group * a.step.out.tokenStride + head * a.step.out.headStride + col]
        = value * finish;
}

} // namespace

Status combineSplits(const AttentionArguments& a, cudaStream_t stream)
{
    const dim3 grid(a.cut.rows, static_cast<unsigned>(a.step.keys.heads),
        static_cast<unsigned>((a.step.values.cols + kCombineCols - 1) / kCombineCols));
    return PONDER_LAUNCH_OVERLAPPED(combineRows, grid, kCombineThreads, 0, stream, a);
}

} // namespace ponder::kernels::cuda
