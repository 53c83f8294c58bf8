#pragma once

#include "tests/kernels/cuda/emulated.h"

namespace ponder::kernels::cuda {

/// What the machine says of a kernel that goes wrong; then it is as new.
inline std::string complaint()
{
    CHECK(cudaDeviceSynchronize() == cudaErrorLaunchFailure);
    CHECK(cudaDeviceSynchronize() == cudaErrorLaunchFailure); // and stays so
    const auto failures = emulation::machine().failures;
    emulation::resetMachine();
    return failures.empty() ? std::string() : failures.front();
}

/// What it says of a call that is refused: the device is well, and is as new.
inline std::string refusal()
{
    CHECK(cudaDeviceSynchronize() == cudaSuccess);
    const auto failures = emulation::machine().failures;
    emulation::resetMachine();
    return failures.empty() ? std::string() : failures.front();
}

inline bool says(const std::string& sentence, const char* part)
{
    return sentence.find(part) != std::string::npos;
}

} // namespace ponder::kernels::cuda
