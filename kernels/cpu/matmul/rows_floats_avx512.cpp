#include "kernels/cpu/simd/avx512.h"

#include "kernels/cpu/matmul/rows_floats_simd.h"
