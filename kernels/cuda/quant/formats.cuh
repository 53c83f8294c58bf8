#pragma once

// Every quantisation of kernels/types/tensor_types.def: a type without its Quant<> does not compile.

#include "kernels/cuda/quant/formats_blocks.cuh"
#include "kernels/cuda/quant/formats_grids.cuh"
#include "kernels/cuda/quant/formats_k.cuh"
