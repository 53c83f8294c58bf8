#pragma once

// What every source in kernels/cuda and engine/backend/gpu includes instead of CUDA's own headers: the
// same code then compiles for a GPU and, where PONDER_CUDA_EMULATED is defined, for the tests.

#ifdef PONDER_CUDA_EMULATED
#include "kernels/cuda/emulation/cuda.h"
#else
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>
#include <cuda_runtime.h>

/// T name[count] in shared memory, of the block. count is a constant.
#define PONDER_SHARED_ARRAY(T, name, count) __shared__ T name[count]
/// T name in shared memory.
#define PONDER_SHARED_VALUE(T, name) __shared__ T name
/// T* name: the shared memory that the launch asked for, aligned to 128 bytes. Once a kernel.
#define PONDER_SHARED_DYNAMIC(T, name)                                                             \
    extern __shared__ __align__(128) unsigned char ponderSharedMemory[];                           \
    T* const name = reinterpret_cast<T*>(ponderSharedMemory)
/// Parameter and argument of what the lanes of a warp call together (emulation/call_site.h).
#define PONDER_CALL_SITE
#define PONDER_PASS_CALL_SITE
/// Unrolls the loop that follows.
#define PONDER_UNROLL _Pragma("unroll")

#endif
