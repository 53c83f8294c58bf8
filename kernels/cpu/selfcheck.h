#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kernels/cpu/cpu.h"

namespace ponder::kernels {

/// One kernel of one variant held against the plain reference.
struct CheckResult {
    std::string name; ///< "matmul Q4_K, 3 tokens"
    std::string variant; ///< "avx512"
    double maxRelError = 0; ///< largest difference, over the size of what was expected
    double limit = 0;
    bool ok = false;
};

/// Runs every kernel of every variant that this machine supports against its reference.
/// Takes about a second. Each result is handed to progress as it comes, when given.
[[nodiscard]] std::vector<CheckResult> selfcheck(
    const std::function<void(const CheckResult&)>& progress = {});

} // namespace ponder::kernels
