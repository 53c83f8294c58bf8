#pragma once

#include <functional>
#include <vector>

#include "kernels/cpu/cpu.h"
#include "kernels/selfcheck/check_result.h"

namespace ponder::kernels {

/// Runs every kernel of every variant that this machine supports and compares it with its reference.
/// Takes about a second. Each result is given to progress when it is known, where progress is set.
[[nodiscard]] std::vector<CheckResult> selfcheck(
    const std::function<void(const CheckResult&)>& progress = {});

} // namespace ponder::kernels
