#pragma once

namespace ponder::kernels::PONDER_SIMD {

/// e^x to about one unit in the last place; what is not a number stays so.
/// x = n ln 2 + r; e^r by Cephes' polynomial for |r| <= ln 2 / 2.
PONDER_INLINE Wide expWide(Wide x)
{
    x = min(wideSet(89.0f), max(wideSet(-104.0f), x)); // infinity and zero beyond these
    const Wide n = roundWide(mul(x, wideSet(1.44269504088896341f)));
    Wide r = fnma(n, wideSet(0.693359375f), x);
    r = fnma(n, wideSet(-2.12194440e-4f), r);
    Wide p = wideSet(1.9875691500e-4f);
    p = fma(p, r, wideSet(1.3981999507e-3f));
    p = fma(p, r, wideSet(8.3334519073e-3f));
    p = fma(p, r, wideSet(4.1665795894e-2f));
    p = fma(p, r, wideSet(1.6666665459e-1f));
    p = fma(p, r, wideSet(5.0000001201e-1f));
    p = fma(p, mul(r, r), r);
    return scalePower(add(p, wideSet(1.0f)), n);
}

} // namespace ponder::kernels::PONDER_SIMD
