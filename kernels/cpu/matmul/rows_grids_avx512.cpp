#include "kernels/cpu/simd/avx512.h"

#include "kernels/cpu/matmul/rows_grids_simd.h"
