#include "kernels/cuda/matmul/product_kernel.cuh"

namespace ponder::kernels::cuda {

template Status launchProduct<8>(const ProductKernel&, dim3, std::size_t, const Work&);

} // namespace ponder::kernels::cuda
