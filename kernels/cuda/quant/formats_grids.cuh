#pragma once

#include "kernels/cuda/quant/grids.cuh"
#include "kernels/cuda/quant/group.cuh"

// Formats whose weights are looked up, eight or four at a point of a grid.

namespace ponder::kernels::cuda {

/// Four bytes of 1 to 62, negative where signs has a bit (0 to 3).
__device__ __forceinline__ std::uint32_t withSigns(std::uint32_t four, std::uint32_t signs)
{
    const std::uint32_t ones = bitToByte(signs);
    return (four ^ ones * 255) + ones;
}

/// Seven signs make eight: the number of negative weights is always even.
__device__ __forceinline__ std::uint32_t eightSigns(std::uint32_t seven)
{
    return seven | (static_cast<std::uint32_t>(__popc(seven)) & 1) << 7;
}

__device__ __forceinline__ void putPoint(
    std::uint64_t point, std::uint32_t signs, std::uint32_t& first, std::uint32_t& second)
{
    first = withSigns(static_cast<std::uint32_t>(point), signs);
    second = withSigns(static_cast<std::uint32_t>(point >> 32), signs >> 4);
}

/// d * (scale + 1/2) * part
__device__ __forceinline__ float halfStepScale(float d, std::uint32_t scale, float part)
{
    return mulRounded(mulRounded(d, static_cast<float>(scale) + 0.5F), part);
}

template <> struct Quant<TensorType::IQ2_XXS> : QuantBlock<256, 66> {
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned g, Group& out)
    {
        std::uint32_t w[2]; // points, signs and scale
        loadWords<kAlign>(block + 2 + 8 * g, w);
        PONDER_UNROLL
        for (int l = 0; l < 4; ++l)
            putPoint(iq2XxsPoint((w[0] >> (8 * l)) & 255), eightSigns((w[1] >> (7 * l)) & 127),
                out.q[2 * l], out.q[2 * l + 1]);
        oneScale(out, halfStepScale(halfAt(block), w[1] >> 28, 0.25F));
    }
};

template <> struct Quant<TensorType::IQ2_XS> : QuantBlock<256, 74> {
    static constexpr bool kTwoScales = true;
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned g, Group& out)
    {
        std::uint32_t w[2]; // four times nine bits of a point and seven signs
        loadWords<kAlign>(block + 2 + 8 * g, w);
        PONDER_UNROLL
        for (int l = 0; l < 4; ++l) {
            const std::uint32_t both = (w[l / 2] >> (16 * (l & 1))) & 0xFFFF;
            putPoint(iq2XsPoint(both & 511), eightSigns(both >> 9), out.q[2 * l], out.q[2 * l + 1]);
        }
        const float d = halfAt(block);
        const std::uint32_t scales = block[66 + g];
        out.scale[0] = halfStepScale(d, scales & 15, 0.25F);
        out.scale[1] = halfStepScale(d, scales >> 4, 0.25F);
    }
};

template <> struct Quant<TensorType::IQ2_S> : QuantBlock<256, 82> {
    static constexpr bool kTwoScales = true;
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned g, Group& out)
    {
        const std::uint32_t points = loadWord<kAlign>(block + 2 + 4 * g);
        const std::uint32_t signs = loadWord<kAlign>(block + 34 + 4 * g);
        const std::uint32_t high = block[66 + g];
        PONDER_UNROLL
        for (int l = 0; l < 4; ++l) {
            const std::uint32_t index = ((points >> (8 * l)) & 255) | ((high >> (2 * l)) & 3) << 8;
            putPoint(iq2SPoint(index), signs >> (8 * l), out.q[2 * l], out.q[2 * l + 1]);
        }
        const float d = halfAt(block);
        const std::uint32_t scales = block[74 + g];
        out.scale[0] = halfStepScale(d, scales & 15, 0.25F);
        out.scale[1] = halfStepScale(d, scales >> 4, 0.25F);
    }
};

template <> struct Quant<TensorType::IQ3_XXS> : QuantBlock<256, 98> {
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned g, Group& out)
    {
        std::uint32_t points[2];
        loadWords<kAlign>(block + 2 + 8 * g, points);
        const std::uint32_t word = loadWord<kAlign>(block + 66 + 4 * g);
        PONDER_UNROLL
        for (int i = 0; i < 8; ++i) {
            const std::uint32_t signs = eightSigns((word >> (7 * (i / 2))) & 127);
            out.q[i] = withSigns(
                iq3XxsPoint((points[i / 4] >> (8 * (i & 3))) & 255), signs >> (4 * (i & 1)));
        }
        oneScale(out, halfStepScale(halfAt(block), word >> 28, 0.5F));
    }
};

template <> struct Quant<TensorType::IQ3_S> : QuantBlock<256, 110> {
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned g, Group& out)
    {
        std::uint32_t points[2];
        loadWords<kAlign>(block + 2 + 8 * g, points);
        const std::uint32_t signs = loadWord<kAlign>(block + 74 + 4 * g);
        const std::uint32_t high = block[66 + g];
        PONDER_UNROLL
        for (int i = 0; i < 8; ++i) {
            const std::uint32_t index
                = ((points[i / 4] >> (8 * (i & 3))) & 255) | ((high >> i) & 1) << 8;
            out.q[i] = withSigns(iq3SPoint(index), signs >> (4 * i));
        }
        const std::uint32_t scale = (block[106 + g / 2] >> (4 * (g & 1))) & 15U;
        oneScale(out, mulRounded(halfAt(block), static_cast<float>(2 * scale + 1)));
    }
};

/// Eight weights of IQ1_S or IQ1_M: a point of 0, 8, 16 and an eighth more or less; with the offset
/// that both types have, 9, a point is an eighth less and one that `less` is not set for two more.
__device__ __forceinline__ void putIq1(
    std::uint32_t index, bool less, std::uint32_t& first, std::uint32_t& second)
{
    const std::uint64_t point = iq1Point(index);
    const std::uint32_t more = less ? 0 : 0x02020202U;
    first = static_cast<std::uint32_t>(point) + more;
    second = static_cast<std::uint32_t>(point >> 32) + more;
}

template <> struct Quant<TensorType::IQ1_S> : QuantBlock<256, 50> {
    static constexpr int kOffset = 9;
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned g, Group& out)
    {
        const std::uint32_t points = loadWord<kAlign>(block + 2 + 4 * g);
        const std::uint32_t high = load<std::uint16_t>(block + 34 + 2 * g);
        PONDER_UNROLL
        for (int l = 0; l < 4; ++l) {
            const std::uint32_t index = ((points >> (8 * l)) & 255) | ((high >> (3 * l)) & 7) << 8;
            putIq1(index, (high & 0x8000) != 0, out.q[2 * l], out.q[2 * l + 1]);
        }
        const std::uint32_t scale = 2 * ((high >> 12) & 7) + 1;
        oneScale(out, mulRounded(mulRounded(halfAt(block), static_cast<float>(scale)), 0.125F));
    }
};

template <> struct Quant<TensorType::IQ1_M> : QuantBlock<256, 56> {
    static constexpr int kOffset = 9;
    static constexpr bool kTwoScales = true;
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned g, Group& out)
    {
        const std::uint32_t points = load<std::uint32_t>(block + 4 * g);
        const std::uint32_t highs = load<std::uint16_t>(block + 32 + 2 * g);
        PONDER_UNROLL
        for (int l = 0; l < 4; ++l) {
            const std::uint32_t high = highs >> (4 * l);
            const std::uint32_t index = ((points >> (8 * l)) & 255) | (high & 7) << 8;
            putIq1(index, (high & 8) != 0, out.q[2 * l], out.q[2 * l + 1]);
        }
        const uint2 scales = load<uint2>(block + 48); // four times 16 bits; a quarter of d on top
        const float d = halfOf(((scales.x >> 12) & 0x000F) | ((scales.x >> 24) & 0x00F0)
            | ((scales.y >> 4) & 0x0F00) | ((scales.y >> 16) & 0xF000));
        const std::uint32_t own = (g < 4 ? scales.x : scales.y) >> (16 * (g / 2 & 1) + 6 * (g & 1));
        PONDER_UNROLL
        for (int half = 0; half < 2; ++half) {
            const std::uint32_t scale = 2 * ((own >> (3 * half)) & 7) + 1;
            out.scale[half] = mulRounded(mulRounded(d, static_cast<float>(scale)), 0.125F);
        }
    }
};

} // namespace ponder::kernels::cuda
