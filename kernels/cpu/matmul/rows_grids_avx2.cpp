#include "kernels/cpu/simd/avx2.h"

#include "kernels/cpu/matmul/rows_grids_simd.h"
