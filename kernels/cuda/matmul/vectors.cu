#include "kernels/cuda/matmul/vectors.cuh"

#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

namespace {

constexpr unsigned kThreads = 256;

// A block a vector.
__global__ void __launch_bounds__(kThreads)
    packRows(ConstHeadRows x, InputNorm norm, VectorForms forms, std::uint8_t* to)
{
    waitForPrevious();
    letNextStart();
    const std::size_t token = blockIdx.x / x.heads;
    const std::size_t head = blockIdx.x % x.heads;
    makeVector(forms, x.data + token * x.tokenStride + head * x.headStride, norm.weight,
        norm.epsilon, blockIdx.x, to);
}

} // namespace

Status makeVectors(const Work& work, const ConstHeadRows& x, const InputNorm& norm,
    const VectorForms& forms, std::uint8_t* to)
{
    if (forms.count == 0)
        return {};
    return launchKernel<packRows>("packRows",
        LaunchShape{forms.count, kThreads, 0, work.stream, work.overlap}, x, norm, forms, to);
}

} // namespace ponder::kernels::cuda
