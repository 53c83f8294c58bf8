#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "kernels/cuda/emulation/grid.h"

// NOLINTBEGIN(readability-identifier-naming): CUDA's names

#define threadIdx (::ponder::emulation::currentThread->index)
#define blockIdx (::ponder::emulation::currentThread->block->index)
#define blockDim (::ponder::emulation::currentLaunch->block)
#define gridDim (::ponder::emulation::currentLaunch->grid)
inline constexpr int warpSize = 32;

#define PONDER_SHARED_ARRAY(T, name, count)                                                        \
    static const char ponderKey_##name = 0;                                                        \
    auto& name = *static_cast<T(*)[count]>(                                                        \
        ::ponder::emulation::sharedArray(&ponderKey_##name, sizeof(T) * (count), alignof(T)))
#define PONDER_SHARED_VALUE(T, name)                                                               \
    static const char ponderKey_##name = 0;                                                        \
    T& name = *static_cast<T*>(                                                                    \
        ::ponder::emulation::sharedArray(&ponderKey_##name, sizeof(T), alignof(T)))
#define PONDER_SHARED_DYNAMIC(T, name)                                                             \
    T* const name = static_cast<T*>(::ponder::emulation::dynamicShared())

inline void __syncthreads()
{
    ::ponder::emulation::waitAtBarrier(false);
}
inline int __syncthreads_count(int p)
{
    return static_cast<int>(::ponder::emulation::waitAtBarrier(p != 0));
}
inline int __syncthreads_or(int p)
{
    return __syncthreads_count(p) > 0 ? 1 : 0;
}
inline int __syncthreads_and(int p)
{
    return __syncthreads_count(p == 0) == 0 ? 1 : 0;
}
inline void __threadfence() { }
inline void __threadfence_block() { }
inline void __nanosleep(unsigned)
{
    ::ponder::emulation::yieldThread();
}

template <typename T> T __ldg(const T* p)
{
    ::ponder::emulation::checkAligned(p, alignof(T));
    return *p;
}
template <typename T> T __ldcs(const T* p)
{
    ::ponder::emulation::checkAligned(p, alignof(T));
    return *p;
}
template <typename T> T __ldcg(const T* p)
{
    ::ponder::emulation::checkAligned(p, alignof(T));
    return *p;
}
template <typename T> void __stcs(T* p, T v)
{
    ::ponder::emulation::checkAligned(p, alignof(T));
    *p = v;
}
template <typename T> void __stcg(T* p, T v)
{
    ::ponder::emulation::checkAligned(p, alignof(T));
    *p = v;
}

inline int __float_as_int(float v)
{
    return std::bit_cast<int>(v);
}
inline unsigned __float_as_uint(float v)
{
    return std::bit_cast<unsigned>(v);
}
inline float __int_as_float(int v)
{
    return std::bit_cast<float>(v);
}
inline float __uint_as_float(unsigned v)
{
    return std::bit_cast<float>(v);
}
inline int __popc(unsigned v)
{
    return std::popcount(v);
}
inline int __clz(int v)
{
    return std::countl_zero(static_cast<unsigned>(v));
}
inline int __ffs(int v)
{
    return v == 0 ? 0 : std::countr_zero(static_cast<unsigned>(v)) + 1;
}
inline float __fmaf_rn(float a, float b, float c)
{
    return std::fma(a, b, c);
}
inline float __fdividef(float a, float b)
{
    return a / b;
}
inline float __expf(float v)
{
    return std::exp(v);
}
inline float __logf(float v)
{
    return std::log(v);
}
inline float __cosf(float v)
{
    return std::cos(v);
}
inline float __sinf(float v)
{
    return std::sin(v);
}
inline float __fadd_rn(float a, float b)
{
    return a + b;
}
inline float __fsub_rn(float a, float b)
{
    return a - b;
}
inline float __fmul_rn(float a, float b)
{
    return a * b;
}
inline float __frcp_rn(float v)
{
    return 1.0f / v;
}
inline float __fsqrt_rn(float v)
{
    return std::sqrt(v);
}
inline float rsqrtf(float v)
{
    return 1.0f / std::sqrt(v);
}
inline int __float2int_rn(float v)
{
    return static_cast<int>(std::nearbyint(v));
}
inline float __int2float_rn(int v)
{
    return static_cast<float>(v);
}

/// The dot product of four signed bytes with four, added to c.
inline int __dp4a(int a, int b, int c)
{
    std::int8_t x[4], y[4];
    std::memcpy(x, &a, 4);
    std::memcpy(y, &b, 4);
    for (int i = 0; i < 4; ++i)
        c += x[i] * y[i];
    return c;
}
inline unsigned __dp4a(unsigned a, unsigned b, unsigned c)
{
    std::uint8_t x[4], y[4];
    std::memcpy(x, &a, 4);
    std::memcpy(y, &b, 4);
    for (int i = 0; i < 4; ++i)
        c += static_cast<unsigned>(x[i]) * y[i];
    return c;
}
inline unsigned __byte_perm(unsigned a, unsigned b, unsigned selector)
{
    const std::uint64_t all = std::uint64_t{b} << 32 | a;
    unsigned result = 0;
    for (unsigned i = 0; i < 4; ++i) {
        const unsigned s = selector >> (4 * i) & 0xF;
        unsigned byte = static_cast<unsigned>(all >> (8 * (s & 7))) & 0xFF;
        if ((s & 8) != 0)
            byte = (byte & 0x80) != 0 ? 0xFF : 0;
        result |= byte << (8 * i);
    }
    return result;
}

template <typename T, typename V> T atomicAdd(T* p, V v)
{
    const T before = *p;
    *p = static_cast<T>(before + static_cast<T>(v));
    return before;
}
template <typename T, typename V> T atomicMax(T* p, V v)
{
    const T before = *p;
    *p = before < static_cast<T>(v) ? static_cast<T>(v) : before;
    return before;
}
template <typename T, typename V> T atomicMin(T* p, V v)
{
    const T before = *p;
    *p = static_cast<T>(v) < before ? static_cast<T>(v) : before;
    return before;
}
template <typename T, typename V> T atomicOr(T* p, V v)
{
    const T before = *p;
    *p = before | static_cast<T>(v);
    return before;
}
template <typename T, typename V> T atomicExch(T* p, V v)
{
    const T before = *p;
    *p = static_cast<T>(v);
    return before;
}
template <typename T, typename V, typename W> T atomicCAS(T* p, V expected, W v)
{
    const T before = *p;
    if (before == static_cast<T>(expected))
        *p = static_cast<T>(v);
    return before;
}
inline unsigned atomicInc(unsigned* p, unsigned last)
{
    const unsigned before = *p;
    *p = before >= last ? 0 : before + 1;
    return before;
}

// NOLINTEND(readability-identifier-naming)
