#pragma once

#include <cstddef>

#include "kernels/cuda/runtime/status.h"
#include "kernels/cuda/runtime/step_state.h"
#include "kernels/types/rope_params.h"
#include "kernels/types/views.h"

namespace ponder::kernels::cuda {

/// Cosines and sines of a batch, on the device, made once a step and used by every layer.
struct RopeAngles {
    const float2* data = nullptr; ///< [tokens, pairs]: (cos, sin), attentionFactor included
    std::size_t pairs = 0; ///< rotated numbers / 2

    [[nodiscard]] std::size_t dim() const { return 2 * pairs; }
};

/// angles[t, i] = attentionFactor * (cos, sin) of (state->position + t) * frequencies[i], the angle rounded to
/// f32 as in kernels/cpu/rope. frequencies: [pairs], f32, on the device: what the processor's
/// RopeAngles::frequencies() says; angles: [tokens, pairs], on the device.
Status makeRopeAngles(const float* frequencies, std::size_t pairs, float attentionFactor,
    const StepState* state, std::size_t tokens, float2* angles, cudaStream_t stream);

/// to[t, h] = from[t, h] rotated by angles' row t. from, to: [tokens, heads, 2 * pairs], f32, on the
/// device; the same rows, or rows that do not overlap.
Status rope(const RopeAngles& angles, RopeLayout layout, ConstHeadRows from, HeadRows to,
    cudaStream_t stream);

} // namespace ponder::kernels::cuda
