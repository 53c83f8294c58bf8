#pragma once

#include <cstdint>

namespace ponder::kernels::cuda {

/// What changes from one step to the next, in device memory, so that a recorded graph can be launched
/// again: the host (or the sampler) writes it before the launch, every kernel reads it there.
struct StepState {
    std::int32_t position = 0; ///< of the batch's first token; token t stands at position + t
    float inverseTemperature = 1; ///< what the logits will be multiplied with
};

} // namespace ponder::kernels::cuda
