#pragma once

#include <cstdint>

#include "kernels/cuda/quant/load.cuh"
#include "kernels/types/tensor_type.h"

namespace ponder::kernels::cuda {

/// 32 weights of any quantisation: w[i] = scale[i / 16] * (byte i of q - offset) - min[i / 16], with
/// the offset and the kinds of scales and minimums that Quant<type> says.
struct Group {
    std::uint32_t q[8]; ///< signed bytes, the first weight the lowest
    float scale[2];
    float min[2];
};

/// The values of a format that does not say otherwise.
struct QuantDefaults {
    static constexpr int kOffset = 0; ///< the bytes are too large by this
    static constexpr bool kTwoScales = false; ///< scale[1] is another than scale[0]
    static constexpr int kMins = 0; ///< none, one for all 32, or 2, one for 16 each
};

/// A type's decoder: kWeights and kBytes of a block, kAlign (a block's address is a multiple of it), and
/// decode(block, group, out): group `group` of a block of 32 or 256 weights. The meaning of the
/// bits is said in kernels/cpu/quant/formats/NAME.cpp.
template <TensorType kType> struct Quant;

/// The largest power of two, up to 16, that a block's bytes are a multiple of.
constexpr unsigned alignmentOf(unsigned bytes)
{
    const unsigned lowest = bytes & (~bytes + 1);
    return lowest > 16 ? 16 : lowest;
}

template <unsigned kWeightsPerBlock, unsigned kBytesPerBlock> struct QuantBlock : QuantDefaults {
    static constexpr unsigned kWeights = kWeightsPerBlock;
    static constexpr unsigned kBytes = kBytesPerBlock;
    static constexpr unsigned kAlign = alignmentOf(kBytesPerBlock);
};

__device__ __forceinline__ void oneScale(Group& group, float scale)
{
    group.scale[0] = group.scale[1] = scale;
}
__device__ __forceinline__ void oneMin(Group& group, float min)
{
    group.min[0] = group.min[1] = min;
}

/// Bits 0 to 3 of `bits`, each in the lowest place of a byte.
__device__ __forceinline__ std::uint32_t bitToByte(std::uint32_t bits)
{
    return ((bits & 15) * 0x00204081U) & 0x01010101U;
}

/// The halves of 16 bytes: the low ones first.
__device__ __forceinline__ void splitHalves(const std::uint32_t (&w)[4], std::uint32_t (&q)[8])
{
    PONDER_UNROLL
    for (int i = 0; i < 4; ++i) {
        q[i] = w[i] & 0x0F0F0F0FU;
        q[i + 4] = (w[i] >> 4) & 0x0F0F0F0FU;
    }
}

/// Four bytes, each less `offset` (0 to 127); each difference must lie in -128 .. 127.
template <int kOffset> __device__ __forceinline__ std::uint32_t lessOffset(std::uint32_t q)
{
    if constexpr (kOffset == 0) {
        return q;
    } else {
        // No byte is above 127, so a set top bit keeps each difference inside of its byte.
        return ((q | 0x80808080U) - kOffset * 0x01010101U) ^ 0x80808080U;
    }
}

} // namespace ponder::kernels::cuda
