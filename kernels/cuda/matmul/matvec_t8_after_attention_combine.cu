#include "kernels/cuda/matmul/matvec_kernel.cuh"

namespace ponder::kernels::cuda {

PONDER_LAUNCH_PRODUCT(, 8, AfterAttentionCombine);

} // namespace ponder::kernels::cuda
