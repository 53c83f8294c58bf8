#pragma once

#include <functional>
#include <vector>

#include "kernels/cuda/runtime/limits.h"
#include "kernels/cuda/runtime/status.h"
#include "kernels/selfcheck/check_result.h"

namespace ponder::kernels::cuda {

struct ProductCheckOptions {
    DeviceLimits limits = {}; ///< of the thread's device
    /// Sizes that fill a GPU, so that blocks which get in each other's way show; small ones take an
    /// emulated GPU a second or two.
    bool large = true;
};

/// Holds decoded weights, products and feed-forwards of every type on the thread's device against the
/// processor's, with one token, a few and many. Each result is handed to progress as
/// it comes, when given. The status: whether the device did what it was given; wrong numbers are
/// results that are not ok.
[[nodiscard]] Outcome<std::vector<CheckResult>> checkProducts(const ProductCheckOptions& options,
    const std::function<void(const CheckResult&)>& progress = {});

} // namespace ponder::kernels::cuda
