#pragma once

namespace ponder::kernels::PONDER_SIMD {

static void rmsNorm(const float* x, const float* weight, float epsilon, std::size_t n, float* y)
{
    Wide sum = wideZero();
    std::size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const Wide v = wideLoad(x + i);
        sum = fma(v, v, sum);
    }
    if (i < n) {
        const Wide v = wideLoad(x + i, n - i);
        sum = fma(v, v, sum);
    }
    const float mean = sumWide(sum) / static_cast<float>(n);
    const float root = _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(mean + epsilon)));
    const Wide scale = wideSet(1.0f / root);
    for (i = 0; i + 16 <= n; i += 16) {
        wideStore(y + i, mul(mul(wideLoad(x + i), scale), wideLoad(weight + i)));
    }
    if (i < n) {
        wideStore(
            y + i, mul(mul(wideLoad(x + i, n - i), scale), wideLoad(weight + i, n - i)), n - i);
    }
}

} // namespace ponder::kernels::PONDER_SIMD
