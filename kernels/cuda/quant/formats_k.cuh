#pragma once

#include "kernels/cuda/quant/group.cuh"

// Formats with blocks of 256 weights: the K family and the ternary ones.

namespace ponder::kernels::cuda {

/// The scale and minimum of group g from the twelve bytes of Q4_K and Q5_K (formats/k_scales.h).
__device__ __forceinline__ void kScales(const uint4& head, unsigned g, Group& out)
{
    const unsigned shift = 8 * (g & 3);
    const std::uint32_t upper = head.w >> shift; // of groups 4 to 7: both low halves
    const std::uint32_t scaleByte = head.y >> shift;
    const std::uint32_t minByte = head.z >> shift;
    const std::uint32_t scale = g < 4 ? scaleByte & 63 : (upper & 15) | ((scaleByte >> 6) & 3) << 4;
    const std::uint32_t min
        = g < 4 ? minByte & 63 : ((upper >> 4) & 15) | ((minByte >> 6) & 3) << 4;
    oneScale(out, mulRounded(halfOf(head.x), static_cast<float>(scale)));
    oneMin(out, mulRounded(halfOf(head.x >> 16), static_cast<float>(min)));
}

template <> struct Quant<TensorType::Q4_K> : QuantBlock<256, 144> {
    static constexpr int kMins = 1;
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned g, Group& out)
    {
        loadWords<kAlign>(block + 16 + 32 * (g / 2), out.q);
        const unsigned shift = 4 * (g & 1);
        PONDER_UNROLL
        for (int i = 0; i < 8; ++i)
            out.q[i] = (out.q[i] >> shift) & 0x0F0F0F0FU;
        kScales(load<uint4>(block), g, out);
    }
};

template <> struct Quant<TensorType::Q5_K> : QuantBlock<256, 176> {
    static constexpr int kMins = 1;
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned g, Group& out)
    {
        std::uint32_t high[8];
        loadWords<kAlign>(block + 16, high);
        loadWords<kAlign>(block + 48 + 32 * (g / 2), out.q);
        const unsigned shift = 4 * (g & 1);
        PONDER_UNROLL
        for (int i = 0; i < 8; ++i)
            out.q[i] = ((out.q[i] >> shift) & 0x0F0F0F0FU) | ((high[i] >> g) & 0x01010101U) << 4;
        kScales(load<uint4>(block), g, out);
    }
};

template <> struct Quant<TensorType::Q2_K> : QuantBlock<256, 84> {
    static constexpr bool kTwoScales = true;
    static constexpr int kMins = 2;
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned g, Group& out)
    {
        loadWords<kAlign>(block + 16 + 32 * (g / 4), out.q);
        const unsigned shift = 2 * (g & 3);
        PONDER_UNROLL
        for (int i = 0; i < 8; ++i)
            out.q[i] = (out.q[i] >> shift) & 0x03030303U;
        const std::uint32_t scales = load<std::uint16_t>(block + 2 * g);
        const auto both = load<std::uint32_t>(block + 80);
        PONDER_UNROLL
        for (int half = 0; half < 2; ++half) {
            const std::uint32_t s = scales >> (8 * half);
            out.scale[half] = mulRounded(halfOf(both), static_cast<float>(s & 15));
            out.min[half] = mulRounded(halfOf(both >> 16), static_cast<float>((s >> 4) & 15));
        }
    }
};

template <> struct Quant<TensorType::Q3_K> : QuantBlock<256, 110> {
    static constexpr int kOffset = 4;
    static constexpr bool kTwoScales = true;
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned g, Group& out)
    {
        std::uint32_t high[8];
        loadWords<kAlign>(block, high);
        loadWords<kAlign>(block + 32 + 32 * (g / 4), out.q);
        const unsigned shift = 2 * (g & 3);
        PONDER_UNROLL
        for (int i = 0; i < 8; ++i)
            out.q[i] = ((out.q[i] >> shift) & 0x03030303U) | ((high[i] >> g) & 0x01010101U) << 2;
        const std::uint8_t* scales = block + 96;
        const float d = halfAt(block + 108);
        PONDER_UNROLL
        for (unsigned half = 0; half < 2; ++half) {
            const unsigned j = 2 * g + half;
            const unsigned low = (scales[j & 7] >> (j / 8 * 4)) & 15U;
            const unsigned upper = (scales[8 + (j & 3)] >> (j / 4 * 2)) & 3U;
            const int scale = static_cast<int>(low | upper << 4) - 32;
            out.scale[half] = mulRounded(d, static_cast<float>(scale));
        }
    }
};

template <> struct Quant<TensorType::Q6_K> : QuantBlock<256, 210> {
    static constexpr int kOffset = 32;
    static constexpr bool kTwoScales = true;
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned g, Group& out)
    {
        std::uint32_t high[8];
        loadWords<kAlign>(block + 128 + 32 * (g / 4), high);
        loadWords<kAlign>(block + 64 * (g / 4) + 32 * (g & 1), out.q);
        const unsigned lowShift = (g & 2) * 2;
        const unsigned highShift = (g & 3) * 2;
        PONDER_UNROLL
        for (int i = 0; i < 8; ++i)
            out.q[i] = ((out.q[i] >> lowShift) & 0x0F0F0F0FU)
                | ((high[i] >> highShift) & 0x03030303U) << 4;
        const std::uint32_t scales = load<std::uint16_t>(block + 192 + 2 * g);
        const float d = halfAt(block + 208);
        out.scale[0] = mulRounded(d, static_cast<float>(static_cast<std::int8_t>(scales)));
        out.scale[1] = mulRounded(d, static_cast<float>(static_cast<std::int8_t>(scales >> 8)));
    }
};

template <> struct Quant<TensorType::TQ2_0> : QuantBlock<256, 66> {
    static constexpr int kOffset = 1;
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned g, Group& out)
    {
        loadWords<kAlign>(block + 32 * (g / 4), out.q);
        const unsigned shift = 2 * (g & 3);
        PONDER_UNROLL
        for (int i = 0; i < 8; ++i)
            out.q[i] = (out.q[i] >> shift) & 0x03030303U;
        oneScale(out, halfAt(block + 64));
    }
};

/// Digit n, 0 to 2, of four bytes, each a fraction of 256 with five digits to the base of three.
__device__ __forceinline__ std::uint32_t ternaryDigits(std::uint32_t bytes, unsigned n)
{
    constexpr std::uint32_t kPowers = 0x1B090301U; // 3^0 … 3^3; 81 is 27 * 3
    const std::uint32_t power = n == 4 ? 81 : (kPowers >> (8 * n)) & 255;
    const std::uint32_t even = ((bytes & 0x00FF00FFU) * power & 0x00FF00FFU) * 3;
    const std::uint32_t odd = (((bytes >> 8) & 0x00FF00FFU) * power & 0x00FF00FFU) * 3;
    return ((even >> 8) & 0x00FF00FFU) | (odd & 0xFF00FF00U);
}

template <> struct Quant<TensorType::TQ1_0> : QuantBlock<256, 54> {
    static constexpr int kOffset = 1;
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned g, Group& out)
    {
        if (g < 5) { // a digit of 32 bytes
            loadWords<kAlign>(block, out.q);
            PONDER_UNROLL
            for (int i = 0; i < 8; ++i)
                out.q[i] = ternaryDigits(out.q[i], g);
        } else { // two digits of 16 bytes each; at the end one, and four digits of 4 bytes
            std::uint32_t w[4];
            loadWords<kAlign>(block + 32, w);
            const std::uint32_t last = loadWord<kAlign>(block + 48);
            PONDER_UNROLL
            for (unsigned i = 0; i < 4; ++i) {
                out.q[i] = ternaryDigits(w[i], 2 * g - 10);
                out.q[i + 4] = g == 7 ? ternaryDigits(last, i) : ternaryDigits(w[i], 2 * g - 9);
            }
        }
        oneScale(out, halfAt(block + 52));
    }
};

} // namespace ponder::kernels::cuda
