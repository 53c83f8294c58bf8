#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/cuda/device.h"

// Copies to shared memory that run while the thread goes on (PTX: cp.async).

namespace ponder::kernels::cuda {

/// 16 bytes from device to shared memory, both aligned to 16.
__device__ __forceinline__ void copyAsync16(void* shared, const void* global)
{
#ifdef PONDER_CUDA_EMULATED
    std::memcpy(shared, global, 16);
#elif __CUDA_ARCH__ >= 800
    const auto to = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));
    asm volatile("cp.async.cg.shared.global.L2::128B [%0], [%1], 16;" ::"r"(to), "l"(global)
        : "memory");
#else
    *static_cast<uint4*>(shared) = *static_cast<const uint4*>(global);
#endif
}

/// Makes the thread's copies since the last call one batch; a batch may be empty.
__device__ __forceinline__ void endCopyBatch()
{
#if !defined(PONDER_CUDA_EMULATED) && __CUDA_ARCH__ >= 800
    asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

/// Until all of the thread's batches but the last kPending are there. Other threads see them behind
/// the next barrier of warp or block.
template <int kPending> __device__ __forceinline__ void waitForCopies()
{
#if !defined(PONDER_CUDA_EMULATED) && __CUDA_ARCH__ >= 800
    asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
#endif
}

} // namespace ponder::kernels::cuda
