#pragma once

#include "kernels/cuda/device.h"

#ifdef PONDER_CUDA_EMULATED
#include <bit>
#include <cmath>
#include <cstdint>
#endif

// Products of small matrices by a warp: mma.sync.m16n8k16 with bfloat16 factors and f32 sums (PTX ISA,
// "Matrix Fragments for mma.m16n8k16"). Needs a GPU of compute capability 8.0. All lanes take part.

namespace ponder::kernels::cuda {

/// A [16, 16] matrix, row-major: two bfloat16 a register. Lane l has rows l / 4 and l / 4 + 8, columns
/// 2 * (l % 4), … + 1 and the same + 8.
struct LeftTile {
    unsigned x[4];
};
/// A [16, 8] matrix whose columns are what lies together.
struct RightTile {
    unsigned x[2];
};
/// A [16, 8] matrix: x[0], x[1] in row l / 4, columns 2 * (l % 4), … + 1; x[2], x[3] eight rows below.
struct SumTile {
    float x[4];
};

/// sum += left * right
__device__ __forceinline__ void multiply(
    SumTile& sum, const LeftTile& left, const RightTile& right PONDER_CALL_SITE);

/// Four [8, 8] matrices of bfloat16 from shared memory: lane l says where row l % 8 of matrix l / 8
/// lies, 16 bytes, aligned so. Lane l gets of each matrix row l / 4, columns 2 * (l % 4) and … + 1.
__device__ __forceinline__ void loadMatrices(
    unsigned (&to)[4], const __nv_bfloat16* row PONDER_CALL_SITE);
/// The same transposed: lane l gets rows 2 * (l % 4) and … + 1 of column l / 4.
__device__ __forceinline__ void loadMatricesTransposed(
    unsigned (&to)[4], const __nv_bfloat16* row PONDER_CALL_SITE);

#ifdef PONDER_CUDA_EMULATED

namespace detail {

struct Multiplication {
    SumTile* sum;
    const LeftTile* left;
    const RightTile* right;
};

inline float lowOf(unsigned pair)
{
    return __uint_as_float(pair << 16);
}
inline float highOf(unsigned pair)
{
    return __uint_as_float(pair & 0xFFFF0000U);
}

/// sum + the products, as tensor cores add them: aligned to the largest, of each only so many bits after its
/// leading one, the result cut as well (M. Fasi et al., PeerJ CS 7:e330, 2021; later GPUs keep a bit or more
/// beyond these).
inline float addCut(float sum, const float (&products)[8])
{
    constexpr int kBits = 24;
    std::uint32_t largest = __float_as_uint(sum) & 0x7F800000U;
    for (const float p : products) {
        const std::uint32_t exponent = __float_as_uint(p) & 0x7F800000U;
        largest = exponent > largest ? exponent : largest;
    }
    if (largest == 0x7F800000U || largest == 0) { // no numbers, or nothing that is not tiny
        for (const float p : products)
            sum += p;
        return sum;
    }
    const auto power = static_cast<std::int64_t>(largest >> 23U) - 127;
    const auto scale = std::bit_cast<double>((1023 + kBits - power) << 52U);
    auto whole = static_cast<std::int64_t>(sum * scale);
    for (const float p : products)
        whole += static_cast<std::int64_t>(p * scale);
    const double exact = static_cast<double>(whole) / scale;
    const auto rounded = static_cast<float>(exact);
    const bool grew = std::fabs(static_cast<double>(rounded)) > std::fabs(exact);
    return grew ? std::nextafter(rounded, 0.0F) : rounded;
}

inline void multiplyTogether(void* const (&lanes)[emulation::kWarp])
{
    float a[16][16], b[16][8];
    for (unsigned l = 0; l < 32; ++l) {
        const auto& m = *static_cast<const Multiplication*>(lanes[l]);
        const unsigned g = l / 4;
        const unsigned c = 2 * (l % 4);
        for (unsigned i = 0; i < 4; ++i) {
            a[g + i % 2 * 8][c + i / 2 * 8] = lowOf(m.left->x[i]);
            a[g + i % 2 * 8][c + i / 2 * 8 + 1] = highOf(m.left->x[i]);
        }
        for (unsigned i = 0; i < 2; ++i) {
            b[c + i * 8][g] = lowOf(m.right->x[i]);
            b[c + i * 8 + 1][g] = highOf(m.right->x[i]);
        }
    }
    for (unsigned l = 0; l < 32; ++l) {
        const auto& m = *static_cast<const Multiplication*>(lanes[l]);
        for (unsigned i = 0; i < 4; ++i) {
            const unsigned row = l / 4 + i / 2 * 8;
            const unsigned col = 2 * (l % 4) + i % 2;
            for (unsigned half = 0; half < 16; half += 8) {
                float products[8];
                for (unsigned k = 0; k < 8; ++k)
                    products[k] = a[row][half + k] * b[half + k][col];
                m.sum->x[i] = addCut(m.sum->x[i], products);
            }
        }
    }
}

struct MatrixLoad {
    unsigned* to;
    const __nv_bfloat16* row;
    bool transposed;
};

inline void loadTogether(void* const (&lanes)[emulation::kWarp])
{
    for (unsigned l = 0; l < 32; ++l) {
        auto& mine = *static_cast<MatrixLoad*>(lanes[l]);
        for (unsigned m = 0; m < 4; ++m) {
            unsigned pair[2];
            for (unsigned i = 0; i < 2; ++i) {
                const unsigned row = mine.transposed ? 2 * (l % 4) + i : l / 4;
                const unsigned col = mine.transposed ? l / 4 : 2 * (l % 4) + i;
                pair[i] = static_cast<MatrixLoad*>(lanes[8 * m + row])->row[col].bits;
            }
            mine.to[m] = pair[0] | pair[1] << 16;
        }
    }
}

inline void load(
    unsigned (&to)[4], const __nv_bfloat16* row, bool transposed, emulation::CallSite where)
{
    emulation::checkAligned(row, 16);
    MatrixLoad mine{to, row, transposed};
    emulation::together(&mine, loadTogether, where);
}

} // namespace detail

inline void multiply(
    SumTile& sum, const LeftTile& left, const RightTile& right, emulation::CallSite where)
{
    detail::Multiplication mine{&sum, &left, &right};
    emulation::together(&mine, detail::multiplyTogether, where);
}
inline void loadMatrices(unsigned (&to)[4], const __nv_bfloat16* row, emulation::CallSite where)
{
    detail::load(to, row, false, where);
}
inline void loadMatricesTransposed(
    unsigned (&to)[4], const __nv_bfloat16* row, emulation::CallSite where)
{
    detail::load(to, row, true, where);
}

#else

__device__ __forceinline__ void multiply(SumTile& sum, const LeftTile& left, const RightTile& right)
{
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
        "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(sum.x[0]), "+f"(sum.x[1]), "+f"(sum.x[2]), "+f"(sum.x[3])
        : "r"(left.x[0]), "r"(left.x[1]), "r"(left.x[2]), "r"(left.x[3]), "r"(right.x[0]),
        "r"(right.x[1]));
}

__device__ __forceinline__ void loadMatrices(unsigned (&to)[4], const __nv_bfloat16* row)
{
    const auto shared = static_cast<unsigned>(__cvta_generic_to_shared(row));
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
        : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
        : "r"(shared)
        : "memory");
}

__device__ __forceinline__ void loadMatricesTransposed(unsigned (&to)[4], const __nv_bfloat16* row)
{
    const auto shared = static_cast<unsigned>(__cvta_generic_to_shared(row));
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
        : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
        : "r"(shared)
        : "memory");
}

#endif

} // namespace ponder::kernels::cuda
