#include "kernels/cpu/simd/avx512.h"

#include "kernels/cpu/dispatch/table_simd.h"

namespace ponder::kernels {

const KernelTable kAvx512Kernels = PONDER_SIMD::table();

} // namespace ponder::kernels
