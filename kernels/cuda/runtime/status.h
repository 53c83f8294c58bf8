#pragma once

#include <string>

#include <tl/expected.hpp>

#include "kernels/cuda/device.h"

namespace ponder::kernels::cuda {

/// How a call to CUDA ended. Everything that talks to the device returns one; the first that is not
/// ok() is the cause, those after it follow from it.
struct [[nodiscard]] Status {
    cudaError_t code = cudaSuccess;
    const char* call = ""; ///< what was tried: a kernel's name or CUDA's function; a constant

    [[nodiscard]] bool ok() const { return code == cudaSuccess; }
    explicit operator bool() const { return ok(); }

    [[nodiscard]] bool outOfMemory() const { return code == cudaErrorMemoryAllocation; }
    /// "rmsNorm: unspecified launch failure"
    [[nodiscard]] std::string text() const
    {
        return std::string(call) + ": " + cudaGetErrorString(code);
    }
};

template <typename T> using Outcome = tl::expected<T, Status>;

} // namespace ponder::kernels::cuda

/// return from a function that returns a Status when a step of it fails
#define PONDER_CUDA_TRY(expression)                                                                \
    do {                                                                                           \
        if (const ::ponder::kernels::cuda::Status ponderStatus = (expression); !ponderStatus.ok()) \
            return ponderStatus;                                                                   \
    } while (false)
