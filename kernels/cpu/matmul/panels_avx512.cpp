#include "kernels/cpu/simd/avx512.h"

#include "kernels/cpu/matmul/panels_simd.h"
