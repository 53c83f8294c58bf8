#include "kernels/cuda/matmul/matvec_kernel.cuh"

namespace ponder::kernels::cuda {

PONDER_LAUNCH_PRODUCT(, 1, Alone);

} // namespace ponder::kernels::cuda
