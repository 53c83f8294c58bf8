#pragma once

#include "kernels/cpu/simd/exp.h"

namespace ponder::kernels::PONDER_SIMD {

static void addScaled(float a, const float* x, std::size_t n, float* y)
{
    const Wide factor = wideSet(a);
    std::size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        wideStore(y + i, fma(factor, wideLoad(x + i), wideLoad(y + i)));
    }
    if (i < n) {
        wideStore(y + i, fma(factor, wideLoad(x + i, n - i), wideLoad(y + i, n - i)), n - i);
    }
}

PONDER_INLINE Wide sigmoidWide(Wide x)
{
    const Wide one = wideSet(1.0f);
    return div(one, add(one, expWide(sub(wideZero(), x))));
}

PONDER_INLINE Wide siluWide(Wide x)
{
    return div(x, add(wideSet(1.0f), expWide(sub(wideZero(), x))));
}

static void siluMul(const float* gate, const float* up, std::size_t n, float* y)
{
    std::size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        wideStore(y + i, mul(siluWide(wideLoad(gate + i)), wideLoad(up + i)));
    }
    if (i < n) {
        wideStore(y + i, mul(siluWide(wideLoad(gate + i, n - i)), wideLoad(up + i, n - i)), n - i);
    }
}

/// What is not a number stays so.
PONDER_INLINE Wide clampedSwiGluWide(Wide gate, Wide up, Wide alpha, Wide limit)
{
    const Wide one = wideSet(1.0f);
    const Wide g = min(limit, gate);
    const Wide u = max(sub(wideZero(), limit), min(limit, up));
    const Wide glu = div(g, add(one, expWide(sub(wideZero(), mul(alpha, g)))));
    return mul(glu, add(u, one));
}

static void clampedSwiGlu(
    const float* gate, const float* up, std::size_t n, float alpha, float limit, float* y)
{
    const Wide a = wideSet(alpha);
    const Wide l = wideSet(limit);
    std::size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        wideStore(y + i, clampedSwiGluWide(wideLoad(gate + i), wideLoad(up + i), a, l));
    }
    if (i < n) {
        wideStore(y + i,
            clampedSwiGluWide(wideLoad(gate + i, n - i), wideLoad(up + i, n - i), a, l), n - i);
    }
}

static void sigmoid(float* x, std::size_t n)
{
    std::size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        wideStore(x + i, sigmoidWide(wideLoad(x + i)));
    }
    if (i < n) {
        wideStore(x + i, sigmoidWide(wideLoad(x + i, n - i)), n - i);
    }
}

PONDER_INLINE float largestOf(const float* x, std::size_t n)
{
    Wide largest = wideSet(-__builtin_inff());
    std::size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        largest = max(largest, wideLoad(x + i));
    }
    if (i < n) {
        largest = max(largest, keepFirst(wideLoad(x + i, n - i), largest, n - i));
    }
    return maxWide(largest);
}

/// x to exp(x - largest), in place; returns their sum.
PONDER_INLINE float expInPlace(float* x, std::size_t n, float largest)
{
    const Wide shift = wideSet(largest);
    Wide sum = wideZero();
    std::size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const Wide e = expWide(sub(wideLoad(x + i), shift));
        wideStore(x + i, e);
        sum = add(sum, e);
    }
    if (i < n) {
        const Wide e = expWide(sub(wideLoad(x + i, n - i), shift));
        wideStore(x + i, e, n - i);
        sum = add(sum, keepFirst(e, wideZero(), n - i));
    }
    return sumWide(sum);
}

static void softmax(float* x, std::size_t n)
{
    const Wide inverse = wideSet(1.0f / expInPlace(x, n, largestOf(x, n)));
    std::size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        wideStore(x + i, mul(wideLoad(x + i), inverse));
    }
    if (i < n) {
        wideStore(x + i, mul(wideLoad(x + i, n - i), inverse), n - i);
    }
}

} // namespace ponder::kernels::PONDER_SIMD
