#pragma once

#include <cstddef>
#include <cstdint>

// NOLINTBEGIN(readability-identifier-naming): CUDA's names

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __restrict__ __restrict
#define __launch_bounds__(...)
#define __grid_constant__
#define __align__(n) alignas(n)
#define PONDER_UNROLL

#define PONDER_CUDA_VECTOR2(name, T, bytes)                                                        \
    struct alignas(bytes) name {                                                                   \
        T x, y;                                                                                    \
    };                                                                                             \
    inline name make_##name(T x, T y)                                                              \
    {                                                                                              \
        return {x, y};                                                                             \
    }
#define PONDER_CUDA_VECTOR4(name, T, bytes)                                                        \
    struct alignas(bytes) name {                                                                   \
        T x, y, z, w;                                                                              \
    };                                                                                             \
    inline name make_##name(T x, T y, T z, T w)                                                    \
    {                                                                                              \
        return {x, y, z, w};                                                                       \
    }

PONDER_CUDA_VECTOR2(float2, float, 8)
PONDER_CUDA_VECTOR2(int2, int, 8)
PONDER_CUDA_VECTOR2(uint2, unsigned, 8)
PONDER_CUDA_VECTOR2(char2, signed char, 2)
PONDER_CUDA_VECTOR2(uchar2, unsigned char, 2)
PONDER_CUDA_VECTOR2(short2, short, 4)
PONDER_CUDA_VECTOR2(ushort2, unsigned short, 4)
PONDER_CUDA_VECTOR2(ulonglong2, unsigned long long, 16)
PONDER_CUDA_VECTOR4(float4, float, 16)
PONDER_CUDA_VECTOR4(int4, int, 16)
PONDER_CUDA_VECTOR4(uint4, unsigned, 16)
PONDER_CUDA_VECTOR4(char4, signed char, 4)
PONDER_CUDA_VECTOR4(uchar4, unsigned char, 4)
PONDER_CUDA_VECTOR4(short4, short, 8)
PONDER_CUDA_VECTOR4(ushort4, unsigned short, 8)

#undef PONDER_CUDA_VECTOR2
#undef PONDER_CUDA_VECTOR4

struct float3 {
    float x, y, z;
};
struct int3 {
    int x, y, z;
};
struct uint3 {
    unsigned x, y, z;
};
struct dim3 {
    unsigned x = 1, y = 1, z = 1;
    constexpr dim3(unsigned vx = 1, unsigned vy = 1, unsigned vz = 1)
        : x(vx)
        , y(vy)
        , z(vz)
    {
    }
};

/// bfloat16, half and 8-bit floats are their bits; conversions round to the nearest, ties to even.
struct __nv_bfloat16 {
    std::uint16_t bits = 0;
    __nv_bfloat16() = default;
    __nv_bfloat16(float value);
    operator float() const;
};
struct __half {
    std::uint16_t bits = 0;
    __half() = default;
    __half(float value);
    operator float() const;
};
struct alignas(4) __nv_bfloat162 {
    __nv_bfloat16 x, y;
};
struct alignas(4) __half2 {
    __half x, y;
};
using half = __half;
using half2 = __half2;
using __half2_raw = __half2;
using __nv_fp8x2_storage_t = std::uint16_t;
enum __nv_saturation_t { __NV_NOSAT, __NV_SATFINITE };
enum __nv_fp8_interpretation_t { __NV_E4M3, __NV_E5M2 };

/// Two 8-bit floats, the first in the low byte. Only saturating e4m3.
__nv_fp8x2_storage_t __nv_cvt_float2_to_fp8x2(
    float2 v, __nv_saturation_t saturation, __nv_fp8_interpretation_t type);
__half2_raw __nv_cvt_fp8x2_to_halfraw2(__nv_fp8x2_storage_t v, __nv_fp8_interpretation_t type);

inline __nv_bfloat16 __float2bfloat16(float v)
{
    return {v};
}
inline __nv_bfloat16 __float2bfloat16_rn(float v)
{
    return {v};
}
inline float __bfloat162float(__nv_bfloat16 v)
{
    return v;
}
inline __nv_bfloat162 __floats2bfloat162_rn(float a, float b)
{
    return {a, b};
}
inline float2 __bfloat1622float2(__nv_bfloat162 v)
{
    return {v.x, v.y};
}
inline float __low2float(__nv_bfloat162 v)
{
    return v.x;
}
inline float __high2float(__nv_bfloat162 v)
{
    return v.y;
}
inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short bits)
{
    __nv_bfloat16 v;
    v.bits = bits;
    return v;
}
inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 v)
{
    return v.bits;
}
inline __half __float2half(float v)
{
    return {v};
}
inline __half __float2half_rn(float v)
{
    return {v};
}
inline float __half2float(__half v)
{
    return v;
}
inline __half2 __floats2half2_rn(float a, float b)
{
    return {a, b};
}
inline float2 __half22float2(__half2 v)
{
    return {v.x, v.y};
}
inline float __low2float(__half2 v)
{
    return v.x;
}
inline float __high2float(__half2 v)
{
    return v.y;
}
inline __half __ushort_as_half(unsigned short bits)
{
    __half v;
    v.bits = bits;
    return v;
}
inline unsigned short __half_as_ushort(__half v)
{
    return v.bits;
}

// NOLINTEND(readability-identifier-naming)
