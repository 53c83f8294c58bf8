#include "kernels/cuda/emulation/types.h"

#include <cmath>

#include "kernels/cpu/quant/half.h"

using namespace ponder::kernels;

__nv_bfloat16::__nv_bfloat16(float value)
    : bits(floatToBfloat16(value))
{
}

__nv_bfloat16::operator float() const
{
    return bfloat16ToFloat(bits);
}

__half::__half(float value)
    : bits(floatToHalf(value))
{
}

__half::operator float() const
{
    return halfToFloat(bits);
}

__nv_fp8_e4m3::__nv_fp8_e4m3(float value)
{
    if (std::isnan(value)) {
        __x = 0x7F;
        return;
    }
    // The nearest of the 127 positive values, ties to the even code.
    const float size = std::fabs(value);
    std::uint8_t best = 0;
    for (std::uint8_t code = 1; code < 0x7F; ++code) {
        const float here = std::fabs(float8ToFloat(code) - size);
        const float there = std::fabs(float8ToFloat(best) - size);
        if (here < there || (here == there && code % 2 == 0))
            best = code;
    }
    __x = static_cast<std::uint8_t>(best | (std::signbit(value) ? 0x80 : 0));
}

__nv_fp8_e4m3::operator float() const
{
    return float8ToFloat(__x);
}
