#include "kernels/cuda/emulation/host_state.h"

#include <algorithm>

// Kernels: what they may have, and their launches.

namespace ponder::emulation {

namespace {

constexpr std::size_t kSharedWithoutAsking = std::size_t{48} * 1024; // dynamic and static

Function& functionOf(const void* kernel)
{
    State& s = state();
    return s.functions[{s.device, kernel}];
}

std::size_t dynamicAllowed(const Function& function)
{
    return function.maxDynamicShared >= 0
        ? static_cast<std::size_t>(function.maxDynamicShared)
        : kSharedWithoutAsking - std::min(kSharedWithoutAsking, function.staticShared);
}

int majorOfDevice()
{
    cudaDeviceProp properties;
    return cudaGetDeviceProperties(&properties, state().device) == cudaSuccess ? properties.major
                                                                               : 0;
}

/// A kernel is loaded by the first call that needs it, which takes memory.
cudaError_t load(Function& function, Graph* recording)
{
    if (!function.isLoaded && recording != nullptr)
        return spoil(*recording,
            (function.name.empty() ? "a kernel" : "kernel " + function.name)
                + " was loaded while recording");
    function.isLoaded = true;
    return cudaSuccess;
}

} // namespace

std::string refusal(const Launch& launch)
{
    const Function& function = functionOf(launch.kernel);
    const std::string name = "kernel " + std::string(launch.name);
    const std::size_t most = machine().sharedPerBlock;
    if (launch.shared + function.staticShared > most)
        return name + ": " + std::to_string(launch.shared) + " bytes of shared memory and "
            + std::to_string(function.staticShared) + " of its own, where a block may have "
            + std::to_string(most);
    const std::size_t allowed = dynamicAllowed(function);
    if (launch.shared > allowed)
        return name + ": " + std::to_string(launch.shared)
            + " bytes of shared memory, where its attribute allows " + std::to_string(allowed);
    return {};
}

cudaError_t launchKernel(const Launch& launch, cudaStream_t stream)
{
    State& s = state();
    Machine& m = s.machine;
    if (m.launchesUntilLoss == 0)
        s.sticky = m.loss;
    else if (m.launchesUntilLoss > 0)
        --m.launchesUntilLoss;
    if (s.sticky != cudaSuccess)
        return result(s.sticky);
    Function& function = functionOf(launch.kernel);
    function.name = launch.name;
    Graph* const recording = streamOf(stream).capture.get();
    if (const cudaError_t error
        = load(function, recording != nullptr ? recording : recordingHere());
        error != cudaSuccess)
        return error;
    if (launch.overlap && majorOfDevice() < 9)
        return wrong(cudaErrorNotSupported,
            "kernel " + function.name
                + " is launched beside the one before, which GPUs before 9.0 do not know");
    if (const std::string why = refusal(launch); !why.empty())
        return wrong(cudaErrorInvalidValue, why);
    Work work;
    work.kernel = std::make_shared<const Launch>(launch);
    work.hasAttribute = hasAttribute(launch);
    return enqueue(stream, std::move(work));
}

std::unique_ptr<Grid> makeGrid(const std::shared_ptr<const Launch>& launch)
{
    State& s = state();
    const Machine& m = s.machine;
    return std::make_unique<Grid>(
        launch, Rules{m.order, s.dice.next() + m.seed, m.copies, m.sharedPerBlock}, s.stacks);
}

bool hasAttribute(const Launch& launch)
{
    return functionOf(launch.kernel).maxDynamicShared >= 0;
}

void runKernel(const Work& work, Grid& grid)
{
    const Launch& launch = *work.kernel;
    State& s = state();
    ++s.machine.launches;
    std::string what = grid.run();
    Function& function = functionOf(launch.kernel);
    function.staticShared = std::max(function.staticShared, grid.staticShared());
    // What it has of its own is known only now. The attribute counts as it was at the launch.
    const std::size_t shared = launch.shared + function.staticShared;
    if (what.empty() && !work.hasAttribute && shared > kSharedWithoutAsking)
        what = "kernel " + function.name + ": " + std::to_string(launch.shared)
            + " bytes of shared memory and " + std::to_string(function.staticShared)
            + " of its own were not asked for";
    if (!what.empty()) {
        s.machine.failures.push_back(what);
        s.sticky = cudaErrorLaunchFailure;
    }
}

} // namespace ponder::emulation

using namespace ponder::emulation;

cudaError_t cudaFuncSetAttribute(const void* kernel, cudaFuncAttribute attribute, int value)
{
    Function& function = functionOf(kernel);
    if (const cudaError_t error = load(function, recordingHere()); error != cudaSuccess)
        return error;
    switch (attribute) {
    case cudaFuncAttributeMaxDynamicSharedMemorySize:
        if (value < 0
            || static_cast<std::size_t>(value) + function.staticShared > machine().sharedPerBlock)
            return result(cudaErrorInvalidValue);
        function.maxDynamicShared = value;
        break;
    case cudaFuncAttributePreferredSharedMemoryCarveout:
        if (value < cudaSharedmemCarveoutDefault || value > cudaSharedmemCarveoutMaxShared)
            return result(cudaErrorInvalidValue);
        function.carveout = value;
        break;
    }
    return result(cudaSuccess);
}

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void* kernel)
{
    Function& function = functionOf(kernel);
    if (const cudaError_t error = load(function, recordingHere()); error != cudaSuccess)
        return error;
    *attributes = {};
    attributes->sharedSizeBytes = function.staticShared;
    attributes->maxThreadsPerBlock = 1024;
    attributes->numRegs = 64;
    attributes->ptxVersion = attributes->binaryVersion = 90;
    attributes->maxDynamicSharedSizeBytes = static_cast<int>(dynamicAllowed(function));
    attributes->preferredShmemCarveout = function.carveout;
    return result(cudaSuccess);
}
