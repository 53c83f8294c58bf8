#pragma once

#include <cstdint>

#include "kernels/cuda/device/warp.h"
#include "kernels/cuda/quant/load.cuh"

// The tensor cores' products of small tiles, c += a b, by a warp (PTX ISA, "Matrix Fragments for
// mma.m16n8k32" and "… m16n8k16"). a has 16 rows of kWords words, b 8 columns; a word is four signed bytes or
// two bfloat16, the first the lowest. With g = lane / 4 and t = lane % 4 a lane holds
//     of a: word t of rows g and g + 8, then word t + 4 of both; of b: words t and t + 4 of column g;
//     of c: columns 2 t and 2 t + 1 of row g, then of row g + 8.
// Tiles of half the depth (four words) have the first half of that.

namespace ponder::kernels::cuda {

namespace detail {

struct DotBytes {
    using Sum = int;
    __device__ __forceinline__ static Sum add(std::uint32_t a, std::uint32_t b, Sum sum)
    {
        return __dp4a(static_cast<int>(a), static_cast<int>(b), sum);
    }
};

struct DotBfloat16 {
    using Sum = float;
    __device__ __forceinline__ static Sum add(std::uint32_t a, std::uint32_t b, Sum sum)
    {
        sum = fmaf(bfloat16Of(a & 0xFFFF), bfloat16Of(b & 0xFFFF), sum);
        return fmaf(bfloat16Of(a >> 16), bfloat16Of(b >> 16), sum);
    }
};

/// The same with ordinary arithmetic: for GPUs without these tensor cores, and in the emulation.
template <typename Dot, int kWords>
__device__ __forceinline__ void multiplyTile(typename Dot::Sum (&c)[4],
    const std::uint32_t (&a)[kWords / 2], const std::uint32_t (&b)[kWords / 4])
{
    constexpr int kHalves = kWords / 4;
#ifdef PONDER_CUDA_EMULATED
    std::uint64_t rows[kHalves][kWarpSize];
    std::uint32_t columns[kHalves][kWarpSize];
    for (int half = 0; half < kHalves; ++half) {
        emulation::collect(
            kAllLanes, std::uint64_t{a[2 * half + 1]} << 32 | a[2 * half], rows[half]);
        emulation::collect(kAllLanes, b[half], columns[half]);
    }
    const auto aWord = [&](int row, int which, unsigned lane) {
        return static_cast<std::uint32_t>(rows[which][lane] >> (32 * row));
    };
    const auto bWord = [&](int which, unsigned lane) { return columns[which][lane]; };
#else
    const auto aWord = [&](int row, int which, unsigned lane) {
        return __shfl_sync(kAllLanes, a[2 * which + row], static_cast<int>(lane));
    };
    const auto bWord = [&](int which, unsigned lane) {
        return __shfl_sync(kAllLanes, b[which], static_cast<int>(lane));
    };
#endif
    const unsigned lane = threadIdx.x % kWarpSize;
    PONDER_UNROLL
    for (int half = 0; half < kHalves; ++half) {
        PONDER_UNROLL
        for (unsigned word = 0; word < 4; ++word) {
            std::uint32_t of[2][2];
            PONDER_UNROLL
            for (unsigned i = 0; i < 2; ++i) {
                of[0][i] = aWord(static_cast<int>(i), half, lane / 4 * 4 + word);
                of[1][i] = bWord(half, (lane % 4 * 2 + i) * 4 + word);
            }
            PONDER_UNROLL
            for (int i = 0; i < 4; ++i)
                c[i] = Dot::add(of[0][i / 2], of[1][i & 1], c[i]);
        }
    }
}

} // namespace detail

/// Whole numbers: m16n8k32, exact.
__device__ __forceinline__ void multiplyBytes(
    int (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2])
{
#if !defined(PONDER_CUDA_EMULATED) && __CUDA_ARCH__ >= 800
    asm("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
        "{%0,%1,%2,%3};"
        : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
    detail::multiplyTile<detail::DotBytes, 8>(c, a, b);
#endif
}

/// The same of half the depth: m16n8k16.
__device__ __forceinline__ void multiplyBytes(
    int (&c)[4], const std::uint32_t (&a)[2], const std::uint32_t (&b)[1])
{
#if !defined(PONDER_CUDA_EMULATED) && __CUDA_ARCH__ >= 800
    asm("mma.sync.aligned.m16n8k16.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5}, {%6}, "
        "{%0,%1,%2,%3};"
        : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(b[0]));
#else
    detail::multiplyTile<detail::DotBytes, 4>(c, a, b);
#endif
}

/// bfloat16 with sums in float: m16n8k16. A GPU cuts the sums off where it should round.
__device__ __forceinline__ void multiplyBfloat16(
    float (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2])
{
#if !defined(PONDER_CUDA_EMULATED) && __CUDA_ARCH__ >= 800
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, "
        "{%8,%9}, {%0,%1,%2,%3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
    detail::multiplyTile<detail::DotBfloat16, 8>(c, a, b);
#endif
}

} // namespace ponder::kernels::cuda
