#pragma once

#include <cstddef>
#include <tuple>
#include <utility>

#include "kernels/cuda/runtime/kernel_list.h"
#include "kernels/cuda/runtime/status.h"
#include "kernels/cuda/runtime/switches.h"

namespace ponder::kernels::cuda {

/// How a kernel is started.
struct LaunchShape {
    dim3 grid;
    dim3 block;
    /// Bytes of dynamic shared memory a block. Above 48 KiB only after prepareKernels().
    std::size_t shared = 0;
    cudaStream_t stream = nullptr;
    /// May start while the kernel before it in the stream still runs (programmatic dependent launch), where
    /// the GPU can do that. The kernel must call waitForPrevious() (kernels/cuda/device/overlap.h) in every
    /// thread before it reads what others wrote or writes anything.
    bool overlap = false;
    bool cooperative = false; ///< all blocks run at once, so that they may wait for each other
};

namespace detail {

/// kKernel as a function pointer, and its parameters.
template <auto kKernel, typename Pointer = decltype(kKernel)> struct Launcher;

template <auto kKernel, typename... P> struct Launcher<kKernel, void (*)(P...)> {
    template <typename... A>
    static cudaError_t launch(
        [[maybe_unused]] const char* name, const LaunchShape& shape, bool overlap, A&&... arguments)
    {
#ifdef PONDER_CUDA_EMULATED
        emulation::Launch launch;
        launch.name = name;
        launch.kernel = reinterpret_cast<const void*>(kKernel);
        launch.grid = shape.grid;
        launch.block = shape.block;
        launch.shared = shape.shared;
        launch.cooperative = shape.cooperative;
        launch.overlap = overlap;
        launch.body = [values = std::tuple<std::remove_cv_t<P>...>(std::forward<A>(arguments)...)] {
            std::apply(kKernel, values);
        };
        return emulation::launchKernel(launch, shape.stream);
#else
        cudaLaunchAttribute attributes[2];
        cudaLaunchConfig_t config{};
        config.gridDim = shape.grid;
        config.blockDim = shape.block;
        config.dynamicSmemBytes = shape.shared;
        config.stream = shape.stream;
        config.attrs = attributes;
        if (overlap) {
            attributes[config.numAttrs].id = cudaLaunchAttributeProgrammaticStreamSerialization;
            attributes[config.numAttrs++].val.programmaticStreamSerializationAllowed = 1;
        }
        if (shape.cooperative) {
            attributes[config.numAttrs].id = cudaLaunchAttributeCooperative;
            attributes[config.numAttrs++].val.cooperative = 1;
        }
        return cudaLaunchKernelEx(&config, kKernel, static_cast<P>(std::forward<A>(arguments))...);
#endif
    }
};

} // namespace detail

/// Queues a kernel; see PONDER_LAUNCH. The status says whether it was queued: what happens while it
/// runs comes with a later call's status, but for Switches::synchronous.
template <auto kKernel, typename... A>
Status launchKernel(const char* name, const LaunchShape& shape, A&&... arguments)
{
    (void)&ListedKernel<kKernel>::entry;
    const cudaError_t error = detail::Launcher<kKernel>::launch(
        name, shape, shape.overlap && overlaps(), std::forward<A>(arguments)...);
    if (error != cudaSuccess || !switches().synchronous)
        return {error, name};
    return {cudaStreamSynchronize(shape.stream), name};
}

} // namespace ponder::kernels::cuda

/// PONDER_LAUNCH(kernel, grid, block, sharedBytes, stream, arguments…): Status. A kernel with
/// template arguments stands in parentheses: (scores<4, true>).
#define PONDER_LAUNCH(kernel, grid, block, sharedBytes, stream, ...)                               \
    ::ponder::kernels::cuda::launchKernel<(kernel)>(#kernel,                                       \
        ::ponder::kernels::cuda::LaunchShape{grid, block, sharedBytes, stream} __VA_OPT__(, )      \
            __VA_ARGS__)

/// The same for a kernel that calls waitForPrevious().
#define PONDER_LAUNCH_OVERLAPPED(kernel, grid, block, sharedBytes, stream, ...)                    \
    ::ponder::kernels::cuda::launchKernel<(kernel)>(#kernel,                                       \
        ::ponder::kernels::cuda::LaunchShape{grid, block, sharedBytes, stream, true} __VA_OPT__(   \
            , ) __VA_ARGS__)
