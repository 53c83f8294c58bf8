#pragma once

#include <functional>
#include <vector>

#include "kernels/cuda/runtime/limits.h"
#include "kernels/cuda/runtime/status.h"
#include "kernels/selfcheck/check_result.h"

namespace ponder::kernels::cuda {

/// Holds norm, rotation, attention and the sampler's part on the thread's device against the processor,
/// at the sizes of real models, attention through each of its kernels. Each result is handed to
/// progress as it comes, when given. Fails where the device does.
[[nodiscard]] Outcome<std::vector<CheckResult>> selfcheck(
    const DeviceLimits& limits, const std::function<void(const CheckResult&)>& progress = {});

} // namespace ponder::kernels::cuda
