#include "kernels/cuda/emulation/types.h"

#include <cassert>

#include "kernels/types/half.h"

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

__nv_fp8x2_storage_t __nv_cvt_float2_to_fp8x2(float2 v,
    [[maybe_unused]] __nv_saturation_t saturation, [[maybe_unused]] __nv_fp8_interpretation_t type)
{
    assert(saturation == __NV_SATFINITE && type == __NV_E4M3);
    return static_cast<__nv_fp8x2_storage_t>(floatToFloat8(v.x) | floatToFloat8(v.y) << 8);
}

__half2_raw __nv_cvt_fp8x2_to_halfraw2(
    __nv_fp8x2_storage_t v, [[maybe_unused]] __nv_fp8_interpretation_t type)
{
    assert(type == __NV_E4M3);
    return {float8ToFloat(static_cast<std::uint8_t>(v)),
        float8ToFloat(static_cast<std::uint8_t>(v >> 8))};
}
