#include "kernels/cuda/emulation/host_state.h"

// What calls return.

namespace ponder::emulation {

cudaError_t result(cudaError_t error)
{
    State& s = state();
    if (error == cudaSuccess)
        error = s.sticky;
    if (error != cudaSuccess)
        s.last = error;
    return error;
}

cudaError_t wrong(cudaError_t error, const std::string& what)
{
    state().machine.failures.push_back(what);
    return result(error);
}

} // namespace ponder::emulation

using namespace ponder::emulation;

const char* cudaGetErrorString(cudaError_t error)
{
    switch (error) {
    case cudaSuccess:
        return "no error";
    case cudaErrorMemoryAllocation:
        return "out of memory";
    case cudaErrorInvalidValue:
        return "invalid argument";
    case cudaErrorNoDevice:
        return "no CUDA-capable device is detected";
    case cudaErrorInvalidDevice:
        return "invalid device ordinal";
    case cudaErrorIllegalAddress:
        return "an illegal memory access was encountered";
    case cudaErrorLaunchFailure:
        return "unspecified launch failure";
    case cudaErrorNotReady:
        return "device not ready";
    case cudaErrorNotSupported:
        return "operation not supported";
    case cudaErrorStreamCaptureUnsupported:
        return "operation not permitted when stream is capturing";
    case cudaErrorStreamCaptureInvalidated:
        return "operation failed due to a previous error during capture";
    default:
        return "unknown error";
    }
}

const char* cudaGetErrorName(cudaError_t error)
{
    return error == cudaSuccess ? "cudaSuccess" : "cudaError";
}

cudaError_t cudaGetLastError()
{
    const cudaError_t last = state().last;
    state().last = state().sticky;
    return last;
}

cudaError_t cudaPeekAtLastError()
{
    return state().last;
}
