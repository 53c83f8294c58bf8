#pragma once

#include "kernels/cuda/quant/group.cuh"

// Formats with blocks of 32 weights, and those that look four bits up in a table.

namespace ponder::kernels::cuda {

template <> struct Quant<TensorType::Q4_0> : QuantBlock<32, 18> {
    static constexpr int kOffset = 8;
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned, Group& out)
    {
        std::uint32_t w[4];
        loadWords<kAlign>(block + 2, w);
        splitHalves(w, out.q);
        oneScale(out, halfAt(block));
    }
};

template <> struct Quant<TensorType::Q4_1> : QuantBlock<32, 20> {
    static constexpr int kMins = 1;
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned, Group& out)
    {
        std::uint32_t w[4];
        loadWords<kAlign>(block + 4, w);
        splitHalves(w, out.q);
        const auto both = load<std::uint32_t>(block);
        oneScale(out, halfOf(both));
        oneMin(out, -halfOf(both >> 16));
    }
};

/// Adds a fifth bit, 16 times, to each.
__device__ __forceinline__ void addFifthBits(std::uint32_t high, std::uint32_t (&q)[8])
{
    PONDER_UNROLL
    for (int i = 0; i < 8; ++i)
        q[i] |= bitToByte(high >> (4 * i)) << 4;
}

template <> struct Quant<TensorType::Q5_0> : QuantBlock<32, 22> {
    static constexpr int kOffset = 16;
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned, Group& out)
    {
        std::uint32_t w[5];
        loadWords<kAlign>(block + 2, w);
        splitHalves({w[1], w[2], w[3], w[4]}, out.q);
        addFifthBits(w[0], out.q);
        oneScale(out, halfAt(block));
    }
};

template <> struct Quant<TensorType::Q5_1> : QuantBlock<32, 24> {
    static constexpr int kMins = 1;
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned, Group& out)
    {
        std::uint32_t w[6];
        loadWords<kAlign>(block, w);
        splitHalves({w[2], w[3], w[4], w[5]}, out.q);
        addFifthBits(w[1], out.q);
        oneScale(out, halfOf(w[0]));
        oneMin(out, -halfOf(w[0] >> 16));
    }
};

template <> struct Quant<TensorType::Q8_0> : QuantBlock<32, 34> {
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned, Group& out)
    {
        loadWords<kAlign>(block + 2, out.q);
        oneScale(out, halfAt(block));
    }
};

/// The levels of eight times four bits: those in the low halves of the bytes, and in the high ones.
/// kLevels: sixteen bytes, the first the lowest.
template <std::uint32_t kLevels0, std::uint32_t kLevels1, std::uint32_t kLevels2,
    std::uint32_t kLevels3>
struct LevelTable {
    __device__ __forceinline__ static void lookUp(
        std::uint32_t bits, std::uint32_t& low, std::uint32_t& high)
    {
        // A selector of __byte_perm reaches eight bytes, so both halves of the table are asked and
        // the top bit of the four chooses between the answers.
        const std::uint32_t index = bits & 0x77777777U;
        const std::uint32_t choice = 0x32103210U | (bits & 0x88888888U) >> 1;
        const std::uint32_t first = __byte_perm(
            __byte_perm(kLevels0, kLevels1, index), __byte_perm(kLevels2, kLevels3, index), choice);
        const std::uint32_t second = __byte_perm(__byte_perm(kLevels0, kLevels1, index >> 16),
            __byte_perm(kLevels2, kLevels3, index >> 16), choice >> 16);
        low = __byte_perm(first, second, 0x6420);
        high = __byte_perm(first, second, 0x7531);
    }

    __device__ __forceinline__ static void lookUpAll(
        const std::uint32_t (&w)[4], std::uint32_t (&q)[8])
    {
        PONDER_UNROLL
        for (int i = 0; i < 4; ++i)
            lookUp(w[i], q[i], q[i + 4]);
    }
};

/// -127 -104 -83 -65, -49 -35 -22 -10, 1 13 25 38, 53 69 89 113
using Iq4Levels = LevelTable<0xBFAD9881U, 0xF6EADDCFU, 0x26190D01U, 0x71594535U>;
/// 0 1 2 3, 4 6 8 12, and their negatives
using Float4Levels = LevelTable<0x03020100U, 0x0C080604U, 0xFDFEFF00U, 0xF4F8FAFCU>;

template <> struct Quant<TensorType::IQ4_NL> : QuantBlock<32, 18> {
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned, Group& out)
    {
        std::uint32_t w[4];
        loadWords<kAlign>(block + 2, w);
        Iq4Levels::lookUpAll(w, out.q);
        oneScale(out, halfAt(block));
    }
};

template <> struct Quant<TensorType::MXFP4> : QuantBlock<32, 17> {
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned, Group& out)
    {
        std::uint32_t w[4];
        loadWords<kAlign>(block + 1, w);
        Float4Levels::lookUpAll(w, out.q);
        const std::uint32_t e = block[0];
        oneScale(out, __uint_as_float(e < 2 ? 0x00200000U << e : (e - 1) << 23));
    }
};

template <> struct Quant<TensorType::IQ4_XS> : QuantBlock<256, 136> {
    __device__ __forceinline__ static void decode(const std::uint8_t* block, unsigned g, Group& out)
    {
        std::uint32_t w[4];
        loadWords<kAlign>(block + 8 + 16 * g, w);
        Iq4Levels::lookUpAll(w, out.q);
        const uint2 head = load<uint2>(block); // half, high, low
        const std::uint32_t low = (head.y >> (4 * g)) & 15;
        const std::uint32_t high = (head.x >> (16 + 2 * g)) & 3;
        const int scale = static_cast<int>(low | high << 4) - 32;
        oneScale(out, mulRounded(halfOf(head.x), static_cast<float>(scale)));
    }
};

} // namespace ponder::kernels::cuda
