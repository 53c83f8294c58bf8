#pragma once

#include <string>

namespace ponder::kernels {

/// What one kernel computed, compared with its reference.
struct CheckResult {
    std::string name; ///< "matmul Q4_K, 3 tokens"
    std::string variant; ///< "avx512"
    double maxRelError = 0; ///< the largest difference, over the size of what was expected
    double limit = 0;
    bool ok = false;
};

} // namespace ponder::kernels
