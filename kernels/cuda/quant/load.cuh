#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/cuda/device.h"

// Reading numbers at addresses that are aligned to less than the number's size.

namespace ponder::kernels::cuda {

__device__ __forceinline__ unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/// A T at an address that is aligned for it.
template <typename T> __device__ __forceinline__ T load(const void* p)
{
#ifdef PONDER_CUDA_EMULATED
    emulation::checkAligned(p, alignof(T));
    T value;
    std::memcpy(&value, p, sizeof value);
    return value;
#else
    return *static_cast<const T*>(p);
#endif
}

template <typename T> __device__ __forceinline__ void store(void* p, T value)
{
#ifdef PONDER_CUDA_EMULATED
    emulation::checkAligned(p, alignof(T));
    std::memcpy(p, &value, sizeof value);
#else
    *static_cast<T*>(p) = value;
#endif
}

/// Bits shift .. shift + 31 of low and high side by side; shift: 0 to 31.
__device__ __forceinline__ std::uint32_t funnelRight(
    std::uint32_t low, std::uint32_t high, unsigned shift)
{
#ifdef PONDER_CUDA_EMULATED
    return static_cast<std::uint32_t>((std::uint64_t{high} << 32 | low) >> shift);
#else
    return __funnelshift_r(low, high, shift);
#endif
}

/// kWords words at p, which is a multiple of kAlign. Reads no word that holds none of their bytes.
template <unsigned kAlign, int kWords>
__device__ __forceinline__ void loadWords(const std::uint8_t* p, std::uint32_t (&w)[kWords])
{
    if constexpr (kAlign % 16 == 0 && kWords % 4 == 0) {
        PONDER_UNROLL
        for (int i = 0; i < kWords; i += 4) {
            const uint4 v = load<uint4>(p + 4 * i);
            w[i] = v.x;
            w[i + 1] = v.y;
            w[i + 2] = v.z;
            w[i + 3] = v.w;
        }
    } else if constexpr (kAlign % 8 == 0 && kWords % 2 == 0) {
        PONDER_UNROLL
        for (int i = 0; i < kWords; i += 2) {
            const uint2 v = load<uint2>(p + 4 * i);
            w[i] = v.x;
            w[i + 1] = v.y;
        }
    } else if constexpr (kAlign % 4 == 0) {
        PONDER_UNROLL
        for (int i = 0; i < kWords; ++i)
            w[i] = load<std::uint32_t>(p + 4 * i);
    } else {
        const auto past = static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(p)) & 3;
        const std::uint8_t* from = p - past;
        std::uint32_t low = load<std::uint32_t>(from);
        PONDER_UNROLL
        for (int i = 0; i < kWords; ++i) {
            const int next = i + 1 < kWords || past != 0 ? i + 1 : i;
            const auto high = load<std::uint32_t>(from + 4 * next);
            w[i] = funnelRight(low, high, past * 8);
            low = high;
        }
    }
}

template <unsigned kAlign> __device__ __forceinline__ std::uint32_t loadWord(const std::uint8_t* p)
{
    std::uint32_t w[1];
    loadWords<kAlign>(p, w);
    return w[0];
}

/// A half, whose bits are given or lie at an even address.
__device__ __forceinline__ float halfOf(std::uint32_t bits)
{
    return __half2float(__ushort_as_half(static_cast<unsigned short>(bits)));
}
__device__ __forceinline__ float halfAt(const std::uint8_t* p)
{
    return halfOf(load<std::uint16_t>(p));
}

__device__ __forceinline__ float bfloat16Of(std::uint32_t bits)
{
    return __uint_as_float(bits << 16);
}

/// The low byte as an E4M3 float.
__device__ __forceinline__ float float8Of(std::uint32_t bits)
{
    const std::uint32_t sign = (bits & 0x80) << 24;
    const std::uint32_t magnitude = bits & 0x7F;
    // As the bits of a float it is too small by 2^120, numbers below the normal ones too.
    const float value = __uint_as_float(magnitude << 20) * 0x1p120F;
    return __uint_as_float(
        __float_as_uint(magnitude == 0x7F ? __uint_as_float(0x7FC00000) : value) | sign);
}

// Products and differences that no compiler joins to one rounding, as on the CPU.
__device__ __forceinline__ float mulRounded(float a, float b)
{
#ifdef PONDER_CUDA_EMULATED
    return a * b;
#else
    return __fmul_rn(a, b);
#endif
}
__device__ __forceinline__ float subRounded(float a, float b)
{
#ifdef PONDER_CUDA_EMULATED
    return a - b;
#else
    return __fsub_rn(a, b);
#endif
}

} // namespace ponder::kernels::cuda
