#pragma once

#include "kernels/cpu/simd/each.h"

#include "kernels/cpu/quant/formats/q4_0_simd.h"
#include "kernels/cpu/quant/formats/q4_k_simd.h"
#include "kernels/cpu/quant/formats/q5_0_simd.h"
#include "kernels/cpu/quant/formats/q5_k_simd.h"
#include "kernels/cpu/quant/formats/q6_k_simd.h"
#include "kernels/cpu/quant/formats/q8_0_simd.h"
