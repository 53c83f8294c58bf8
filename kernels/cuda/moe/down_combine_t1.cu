#include "kernels/cuda/moe/down_combine_kernel.cuh"

namespace ponder::kernels::cuda {

template Status launchDown<1>(const FeedForwardKernel&, unsigned, std::size_t, const Work&);

} // namespace ponder::kernels::cuda
