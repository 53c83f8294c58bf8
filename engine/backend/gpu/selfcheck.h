#pragma once

#include <vector>

#include "engine/backend/gpu/cuda_module_abi.h"
#include "engine/base/result.h"

namespace ponder {

enum class CheckSizes {
    Real, ///< fill a GPU, so that blocks which get in each other's way show
    Small, ///< for an emulated one
};

/// Every GPU kernel against the processor's: products and feed-forwards with weights of every type for one,
/// some and many tokens; norm, rotation, attention and the sampler's part; then whole small models of each
/// kind of attention and routing, prompt and decoding. Takes some seconds. Fails with DeviceLost or
/// OutOfMemory; a wrong number is a result.
[[nodiscard]] Result<std::vector<kernels::CheckResult>> checkCuda(
    int device, const CheckProgress& progress, CheckSizes sizes = CheckSizes::Real);

} // namespace ponder
