#include "kernels/cuda/matmul/product_kernel.cuh"

namespace ponder::kernels::cuda {

PONDER_LAUNCH_PRODUCT(, 8, BesidePrepare);

} // namespace ponder::kernels::cuda
