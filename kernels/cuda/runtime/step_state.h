#pragma once

#include <cstdint>

#include "kernels/types/logit_summary.h"

namespace ponder::kernels::cuda {

/// What changes from one step to the next, in device memory, so that a recorded graph can be launched
/// again: the host (or the sampler) writes it before the launch, every kernel reads it there.
struct StepState {
    std::int32_t position = 0; ///< of the batch's first token; token t stands at position + t
    Draw draw = {}; ///< of the token after the batch
};

} // namespace ponder::kernels::cuda
