#pragma once

#include <cstddef>
#include <tuple>
#include <utility>

#include "kernels/cuda/runtime/status.h"

namespace ponder::kernels::cuda {

/// How a kernel is started.
struct LaunchShape {
    dim3 grid;
    dim3 block;
    std::size_t shared = 0; ///< bytes of dynamic shared memory a block; above 48 KB is asked for
    cudaStream_t stream = nullptr;
    /// May start while the kernel before it in the stream still runs (programmatic dependent launch).
    /// The kernel must call waitForPrevious() (kernels/cuda/device/overlap.h) in every thread before
    /// it reads what others wrote or writes anything.
    bool overlap = false;
    bool cooperative = false; ///< all blocks run at once, so that they may wait for each other
};

/// Queues a kernel; see PONDER_LAUNCH. The status says whether it was queued: what happens while it
/// runs comes with a later call's status.
template <typename... P, typename... A>
Status launchKernel(
    const char* name, void (*kernel)(P...), const LaunchShape& shape, A&&... arguments)
{
    constexpr std::size_t kSharedWithoutAsking = 48 * 1024;
    if (shape.shared > kSharedWithoutAsking) {
        const cudaError_t error = cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
            cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shape.shared));
        if (error != cudaSuccess)
            return {error, name};
    }
#ifdef PONDER_CUDA_EMULATED
    emulation::Launch launch;
    launch.name = name;
    launch.kernel = reinterpret_cast<const void*>(kernel);
    launch.grid = shape.grid;
    launch.block = shape.block;
    launch.shared = shape.shared;
    launch.cooperative = shape.cooperative;
    launch.overlap = shape.overlap;
    launch.body
        = [kernel, values = std::tuple<std::remove_cv_t<P>...>(std::forward<A>(arguments)...)] {
              std::apply(kernel, values);
          };
    return {emulation::launchKernel(launch, shape.stream), name};
#else
    cudaLaunchAttribute attributes[2];
    cudaLaunchConfig_t config{};
    config.gridDim = shape.grid;
    config.blockDim = shape.block;
    config.dynamicSmemBytes = shape.shared;
    config.stream = shape.stream;
    config.attrs = attributes;
    if (shape.overlap) {
        attributes[config.numAttrs].id = cudaLaunchAttributeProgrammaticStreamSerialization;
        attributes[config.numAttrs++].val.programmaticStreamSerializationAllowed = 1;
    }
    if (shape.cooperative) {
        attributes[config.numAttrs].id = cudaLaunchAttributeCooperative;
        attributes[config.numAttrs++].val.cooperative = 1;
    }
    return {
        cudaLaunchKernelEx(&config, kernel, static_cast<P>(std::forward<A>(arguments))...), name};
#endif
}

} // namespace ponder::kernels::cuda

/// PONDER_LAUNCH(kernel, grid, block, sharedBytes, stream, arguments…): Status. A kernel with
/// template arguments stands in parentheses: (scores<4, true>).
#define PONDER_LAUNCH(kernel, grid, block, sharedBytes, stream, ...)                               \
    ::ponder::kernels::cuda::launchKernel(#kernel, kernel,                                         \
        ::ponder::kernels::cuda::LaunchShape{grid, block, sharedBytes, stream} __VA_OPT__(, )      \
            __VA_ARGS__)

/// The same for a kernel that calls waitForPrevious().
#define PONDER_LAUNCH_OVERLAPPED(kernel, grid, block, sharedBytes, stream, ...)                    \
    ::ponder::kernels::cuda::launchKernel(#kernel, kernel,                                         \
        ::ponder::kernels::cuda::LaunchShape{grid, block, sharedBytes, stream, true} __VA_OPT__(   \
            , ) __VA_ARGS__)
