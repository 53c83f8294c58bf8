#include "kernels/cuda/moe/gate_up_activation_kernel.cuh"

namespace ponder::kernels::cuda {

template Status launchHidden<8>(const FeedForwardKernel&, unsigned, std::size_t, const Work&);

} // namespace ponder::kernels::cuda
