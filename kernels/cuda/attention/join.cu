#include "kernels/cuda/attention/join.cuh"

#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

namespace {

// [rows, kvHeads, parts of the columns] blocks
__global__ void __launch_bounds__(kJoinThreads) joinRows(AttentionArguments a)
{
    PONDER_SHARED_ARRAY(float, factors, kMaxShares);
    PONDER_SHARED_ARRAY(float, sums, kJoinWarps* kJoinCols);
    const unsigned kvHead = blockIdx.y;
    const unsigned row = blockIdx.x;
    const unsigned firstCol = blockIdx.z * kJoinCols;
    waitForPrevious();
    letNextStart();
    const float finish = weighShares(a, kvHead, row, factors);
    const float value = joinColumns(a, kvHead, row, firstCol, factors, sums);
    const unsigned col = firstCol + threadIdx.x;
    if (threadIdx.x >= kJoinCols || col >= static_cast<unsigned>(a.step.values.cols))
        return;
    const unsigned head = kvHead * a.cut.group + row % a.cut.group;
    a.step.out.data[row / a.cut.group * a.step.out.tokenStride + head * a.step.out.headStride + col]
        = value * finish;
}

} // namespace

Status joinParts(const AttentionArguments& a, cudaStream_t stream)
{
    const dim3 grid(a.cut.rows, static_cast<unsigned>(a.step.keys.heads),
        static_cast<unsigned>((a.step.values.cols + kJoinCols - 1) / kJoinCols));
    return PONDER_LAUNCH_OVERLAPPED(joinRows, grid, kJoinThreads, 0, stream, a);
}

} // namespace ponder::kernels::cuda
