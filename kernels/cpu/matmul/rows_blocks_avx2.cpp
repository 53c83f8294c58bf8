#include "kernels/cpu/simd/avx2.h"

#include "kernels/cpu/matmul/rows_blocks_simd.h"
