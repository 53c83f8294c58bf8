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

/// Compares decoded weights, products and feed-forwards of every type on the thread's device with the processor's,
/// for one token, a few and many. Each result is given to progress when it is known, where progress is set. Fails
/// where the device fails; wrong numbers are results that are not ok.
[[nodiscard]] Outcome<std::vector<CheckResult>> checkProducts(const ProductCheckOptions& options,
    const std::function<void(const CheckResult&)>& progress = {});

} // namespace ponder::kernels::cuda
