#pragma once

#include <cstdint>

#include "kernels/cuda/device/warp.h"

// The tensor cores' exact products of signed bytes, c += a b, by a warp (PTX ISA, "Matrix Fragments for
// mma.m16n8k32" and "… m16n8k16"). a has 16 rows of eight words, b 8 columns of as many; a word is four
// bytes, the first the lowest. With g = lane / 4 and t = lane % 4 a lane holds
//     of a: word t of rows g and g + 8, then word t + 4 of both; of b: words t and t + 4 of column g;
//     of c: columns 2 t and 2 t + 1 of row g, then of row g + 8.
// Of half the depth, four words, there is the first half of that. Needs a GPU of compute capability 8.0.

namespace ponder::kernels::cuda {

#ifdef PONDER_CUDA_EMULATED

template <int kHalves>
inline void multiplyBytes(int (&c)[4], const std::uint32_t (&a)[2 * kHalves],
    const std::uint32_t (&b)[kHalves] PONDER_CALL_SITE)
{
    const unsigned lane = threadIdx.x % kWarpSize;
    for (int h = 0; h < kHalves; ++h) {
        std::uint64_t rows[kWarpSize];
        std::uint32_t columns[kWarpSize];
        emulation::collect(kAllLanes, std::uint64_t{a[2 * h + 1]} << 32 | a[2 * h], rows, where);
        emulation::collect(kAllLanes, b[h], columns, where);
        for (int i = 0; i < 4; ++i)
            for (unsigned word = 0; word < 4; ++word) {
                const std::uint64_t both = rows[lane / 4 * 4 + word];
                const auto left = static_cast<std::int32_t>(both >> (i / 2 * 32));
                const std::uint32_t right = columns[(lane % 4 * 2 + (i & 1U)) * 4 + word];
                c[i] = __dp4a(left, static_cast<std::int32_t>(right), c[i]);
            }
    }
}
inline void multiplyBytes(
    int (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2] PONDER_CALL_SITE)
{
    multiplyBytes<2>(c, a, b, where);
}
inline void multiplyBytes(
    int (&c)[4], const std::uint32_t (&a)[2], const std::uint32_t (&b)[1] PONDER_CALL_SITE)
{
    multiplyBytes<1>(c, a, b, where);
}

#else

/// m16n8k32
__device__ __forceinline__ void multiplyBytes(
    int (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2])
{
    asm("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
        "{%0,%1,%2,%3};"
        : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

/// m16n8k16
__device__ __forceinline__ void multiplyBytes(
    int (&c)[4], const std::uint32_t (&a)[2], const std::uint32_t (&b)[1])
{
    asm("mma.sync.aligned.m16n8k16.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5}, {%6}, "
        "{%0,%1,%2,%3};"
        : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(b[0]));
}

#endif

} // namespace ponder::kernels::cuda
