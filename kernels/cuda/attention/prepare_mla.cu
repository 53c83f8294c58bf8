#include "kernels/cuda/attention/cache.h"

#include <cassert>

#include "kernels/cuda/attention/prepare_mla.cuh"
#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

namespace {

constexpr unsigned kThreads = 256;

// [tokens, parts] blocks
__global__ void __launch_bounds__(kThreads) prepareLatents(MlaPrepare p)
{
    PONDER_SHARED_DYNAMIC(float, row);
    waitForPrevious();
    letNextStart();
    prepareLatent(p, blockIdx.x, blockIdx.y, row);
}

} // namespace

unsigned prepareParts(const MlaPrepare& p, unsigned threads)
{
    const std::size_t pairs = p.query.heads * p.angles.pairs;
    return static_cast<unsigned>(1 + (pairs + threads - 1) / threads);
}

Status prepareMla(const MlaPrepare& p, cudaStream_t stream)
{
    assert(p.latent.cols == p.cache.cols && p.latent.cols > p.angles.dim());
    assert(p.query.cols == p.angles.dim() && p.rotated.cols == p.angles.dim());
    assert(p.query.tokens == p.latent.rows && p.rotated.heads == p.query.heads);
    if (p.latent.rows == 0)
        return {};
    const dim3 grid(static_cast<unsigned>(p.latent.rows), prepareParts(p, kThreads));
    return PONDER_LAUNCH_OVERLAPPED(
        prepareLatents, grid, kThreads, p.latent.cols * sizeof(float), stream, p);
}

} // namespace ponder::kernels::cuda
