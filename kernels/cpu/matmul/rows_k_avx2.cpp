#include "kernels/cpu/simd/avx2.h"

#include "kernels/cpu/matmul/rows_k_simd.h"
