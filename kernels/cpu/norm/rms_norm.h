#pragma once

#include <span>

#include "kernels/cpu/cpu.h"
#include "kernels/types/views.h"

namespace ponder::kernels {

/// y[t, c] = x[t, c] / sqrt(mean over c of x[t, c]^2 + epsilon) * weight[c].
/// x, y: [tokens, cols], f32, may be the same rows; weight: [cols], f32.
void rmsNorm(Cpu& cpu, ConstFloatRows x, std::span<const float> weight, float epsilon, FloatRows y);

} // namespace ponder::kernels
