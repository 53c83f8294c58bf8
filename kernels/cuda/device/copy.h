#pragma once

#include "kernels/cuda/device.h"

// Copies from device memory that a thread does not wait for at once: into shared memory (cp.async), or
// only into the cache of the device.

namespace ponder::kernels::cuda {

/// Starts to copy 16 bytes, or zeros where `there` is false. Both aligned to 16; `from` is an address
/// of the device in any case. The bytes are there after waitForCopies() and, for other threads, a barrier.
__device__ __forceinline__ void copyAsync16(void* to, const void* from, bool there)
{
#ifdef PONDER_CUDA_EMULATED
    emulation::checkAligned(to, 16);
    emulation::checkAligned(from, 16);
    emulation::startCopy(to, there ? from : nullptr);
#else
    const auto shared = static_cast<unsigned>(__cvta_generic_to_shared(to));
    const unsigned bytes = there ? 16 : 0;
    asm volatile(
        "cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared), "l"(from), "r"(bytes)
        : "memory");
#endif
}

/// Closes the group of copies that this thread started since the last; a group may be empty.
__device__ __forceinline__ void commitCopies()
{
#ifdef PONDER_CUDA_EMULATED
    ++emulation::currentThread->copyGroup;
#else
    asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

/// Until all but the last kPending groups of this thread are there.
template <unsigned kPending> __device__ __forceinline__ void waitForCopies()
{
#ifdef PONDER_CUDA_EMULATED
    emulation::waitForCopies(kPending);
#else
    asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
#endif
}

/// Has a line of device memory fetched into the L2 cache. A hint: nothing may come of it.
__device__ __forceinline__ void prefetchLine(const void* p)
{
#ifdef PONDER_CUDA_EMULATED
    (void)p;
#else
    asm volatile("prefetch.global.L2 [%0];" ::"l"(p));
#endif
}

} // namespace ponder::kernels::cuda
