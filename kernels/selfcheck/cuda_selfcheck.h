#pragma once

#include <functional>
#include <vector>

#include "kernels/cuda/runtime/limits.h"
#include "kernels/cuda/runtime/status.h"
#include "kernels/selfcheck/check_result.h"

namespace ponder::kernels::cuda {

/// Compares norm, RoPE, attention and the sampler's part on the thread's device with the processor's, at the sizes of
/// real models, attention through each of its kernels. Each result is given to progress when it is known, where progress
/// is set. Fails where the device fails.
[[nodiscard]] Outcome<std::vector<CheckResult>> selfcheck(
    const DeviceLimits& limits, const std::function<void(const CheckResult&)>& progress = {});

} // namespace ponder::kernels::cuda
