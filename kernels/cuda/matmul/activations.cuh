#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/device/warp.h"
#include "kernels/cuda/quant/load.cuh"
#include "kernels/types/activation_block.h"

// Activations made ready for products: 15-bit blocks for quantised weights, with the numbers of
// kernels/types/activation_block.h to the bit, and floats for plain ones.

namespace ponder::kernels::cuda {

/// A vector of 15-bit activations is five arrays of 16 bytes a group of 32: high bytes 0-15 and 16-31,
/// low bytes 0-15 and 16-31, and a GroupScale. So the lanes of a warp read without bank conflicts.
inline constexpr unsigned kPackedGroupBytes = 80;

struct alignas(16) GroupScale {
    float scale;
    float sum; ///< scale * sum of q
    std::int32_t halfSums[2];
};

__host__ __device__ constexpr std::size_t packedVectorBytes(std::size_t cols)
{
    return cols / kActivationBlock * kPackedGroupBytes;
}

/// Floats of a vector are followed by zeros up to a multiple of four.
__host__ __device__ constexpr std::size_t floatVectorBytes(std::size_t cols)
{
    return (cols + 3) / 4 * 4 * sizeof(float);
}

/// 1 / sqrt(mean of x^2 + epsilon). The whole block calls it.
__device__ __forceinline__ float normScale(const float* x, unsigned cols, float epsilon)
{
    float sum = 0;
    for (unsigned i = threadIdx.x; i < cols; i += blockDim.x)
        sum += x[i] * x[i];
    return 1.0F / sqrtf(blockSum(sum) / static_cast<float>(cols) + epsilon);
}

/// Four activations x on the way to `packed`; norm is nullptr or what x * scale is multiplied by.
__device__ __forceinline__ float4 normalised(
    const float* x, const float* norm, float scale, unsigned at)
{
    float4 v = load<float4>(x + at);
    if (norm != nullptr) {
        v.x = v.x * scale * norm[at];
        v.y = v.y * scale * norm[at + 1];
        v.z = v.z * scale * norm[at + 2];
        v.w = v.w * scale * norm[at + 3];
    }
    return v;
}

/// Packs groups `warp`, `warp + warps`, … four at a time: the warps of a block share a vector. x: [32 *
/// groups], 16-byte aligned. Whole warps call it.
__device__ __forceinline__ void packVector(const float* x, const float* norm, float scale,
    unsigned groups, std::uint8_t* to, unsigned warp, unsigned warps)
{
    const unsigned lane = threadIdx.x % kWarpSize;
    const unsigned part = lane % 8; // four activations
    for (unsigned first = warp * 4; first < groups; first += warps * 4) {
        const unsigned group = first + lane / 8;
        float4 v = make_float4(0, 0, 0, 0);
        if (group < groups)
            v = normalised(x, norm, scale, group * 32 + part * 4);
        const float values[4] = {v.x, v.y, v.z, v.w};
        std::uint32_t bits = 0; // of the largest magnitude; above infinity's for what is no number
        PONDER_UNROLL
        for (int i = 0; i < 4; ++i) {
            const std::uint32_t own = __float_as_uint(values[i]) & 0x7FFFFFFFU;
            bits = own > bits ? own : bits;
        }
        bits = warpMax<8>(bits);
        const bool finite = bits < 0x7F800000U;
        const float largest = __uint_as_float(bits);
        const bool zero = !finite || largest < kActivationLargest * 0x1p-126F;
        const float inverse = zero ? 0.0F : kActivationLargest / largest;
        std::uint32_t high = 0;
        std::uint32_t low = 0;
        int sum = 0;
        PONDER_UNROLL
        for (int i = 0; i < 4; ++i) {
            const int q = zero ? 0 : __float2int_rn(mulRounded(values[i], inverse));
            const int h = (q + 64) >> kActivationLowBits;
            high |= static_cast<std::uint32_t>(h & 255) << (8 * i);
            low |= static_cast<std::uint32_t>((q - h * 128) & 255) << (8 * i);
            sum += q;
        }
        const int half = warpSum<4>(sum);
        const int other = __shfl_xor_sync(kAllLanes, half, 4);
        if (group >= groups)
            continue;
        const unsigned piece = part / 4;
        std::uint8_t* const word = to + 16 * (piece * groups + group) + 4 * (part & 3);
        store(word, high);
        store(word + 32 * groups, low);
        if (part == 0) {
            GroupScale s;
            s.scale = finite ? (zero ? 0.0F : largest / kActivationLargest)
                             : __uint_as_float(0x7FC00000);
            s.sum = zero ? s.scale : mulRounded(s.scale, static_cast<float>(half + other));
            s.halfSums[0] = half;
            s.halfSums[1] = other;
            store(to + 64 * groups + 16 * group, s);
        }
    }
}

/// The floats themselves. All threads of a block call it; x of any alignment.
__device__ __forceinline__ void copyVector(
    const float* x, const float* norm, float scale, unsigned cols, std::uint8_t* to)
{
    for (unsigned i = threadIdx.x; i < (cols + 3) / 4 * 4; i += blockDim.x) {
        float v = i < cols ? x[i] : 0.0F;
        if (norm != nullptr && i < cols)
            v = v * scale * norm[i];
        store(to + 4 * i, v);
    }
}

} // namespace ponder::kernels::cuda
