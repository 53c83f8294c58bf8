#pragma once

#include <vector>

#include "engine/result.h"
#include "engine/run/cuda_module_abi.h"

namespace ponder {

/// Every kernel of the GPU against the processor's: products with weights of every type for one, some and
/// many tokens, and whole small models of each kind of attention and routing, prompt and decoding. Takes
/// some seconds. Fails with DeviceLost or OutOfMemory; a wrong number is a result.
[[nodiscard]] Result<std::vector<kernels::CheckResult>> checkCuda(
    int device, const CheckProgress& progress);

} // namespace ponder
