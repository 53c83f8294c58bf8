#pragma once

#include "kernels/cuda/device.h"

// Programmatic dependent launch (CUDA Programming Guide, "Programmatic Dependent Launch"): a kernel's
// blocks may start, and fetch their first weights, while the kernel before still runs. These do
// nothing where the kernel was not launched that way, or the GPU does not know it (before 9.0).

namespace ponder::kernels::cuda {

/// Everything that the kernels before wrote is there after this; nothing they read may be
/// overwritten before it. Every thread calls it once, in every path.
__device__ __forceinline__ void waitForPrevious()
{
#ifdef PONDER_CUDA_EMULATED
    emulation::waitForPrevious();
#elif __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

/// The kernel after this one may start when every block has called this or ended. It still waits in
/// waitForPrevious() until all of this one is done, so calling early is always right; it takes room
/// on the device from blocks of this kernel that have not started.
__device__ __forceinline__ void letNextStart()
{
#if !defined(PONDER_CUDA_EMULATED) && __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

} // namespace ponder::kernels::cuda
