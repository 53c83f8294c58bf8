#include <cmath>

#include "kernels/cpu/dispatch/reference.h"

namespace ponder::kernels::reference {

void rmsNorm(const float* x, const float* weight, float epsilon, std::size_t n, float* y)
{
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
        sum += static_cast<double>(x[i]) * x[i];
    }
    const auto scale = static_cast<float>(1 / std::sqrt(sum / static_cast<double>(n) + epsilon));
    for (std::size_t i = 0; i < n; ++i) {
        y[i] = x[i] * scale * weight[i];
    }
}

} // namespace ponder::kernels::reference
