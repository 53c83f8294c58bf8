#include <cmath>

#include "kernels/cpu/dispatch/reference.h"

namespace ponder::kernels::reference {

void addScaled(float a, const float* x, std::size_t n, float* y)
{
    for (std::size_t i = 0; i < n; ++i) {
        y[i] = std::fma(a, x[i], y[i]);
    }
}

void siluMul(const float* gate, const float* up, std::size_t n, float* y)
{
    for (std::size_t i = 0; i < n; ++i) {
        y[i] = gate[i] / (1.0f + std::exp(-gate[i])) * up[i];
    }
}

void clampedSwiGlu(
    const float* gate, const float* up, std::size_t n, float alpha, float limit, float* y)
{
    for (std::size_t i = 0; i < n; ++i) {
        const float g = gate[i] > limit ? limit : gate[i];
        const float u = up[i] > limit ? limit : up[i] < -limit ? -limit : up[i];
        y[i] = g / (1.0f + std::exp(-alpha * g)) * (u + 1.0f);
    }
}

void softmax(float* x, std::size_t n)
{
    float largest = n > 0 ? x[0] : 0.0f;
    for (std::size_t i = 1; i < n; ++i) {
        largest = x[i] > largest ? x[i] : largest;
    }
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
        x[i] = std::exp(x[i] - largest);
        sum += x[i];
    }
    const auto inverse = static_cast<float>(1 / sum);
    for (std::size_t i = 0; i < n; ++i) {
        x[i] *= inverse;
    }
}

void sigmoid(float* x, std::size_t n)
{
    for (std::size_t i = 0; i < n; ++i) {
        x[i] = 1.0f / (1.0f + std::exp(-x[i]));
    }
}

} // namespace ponder::kernels::reference
