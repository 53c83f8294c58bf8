#include "kernels/cpu/simd/avx2.h"

#include "kernels/cpu/matmul/panels_simd.h"
