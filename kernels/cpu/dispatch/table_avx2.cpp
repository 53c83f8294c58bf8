#include "kernels/cpu/simd/avx2.h"

#include "kernels/cpu/dispatch/table_simd.h"

namespace ponder::kernels {

const KernelTable kAvx2Kernels = PONDER_SIMD::table();

} // namespace ponder::kernels
