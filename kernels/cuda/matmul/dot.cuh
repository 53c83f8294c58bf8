#pragma once

#include "kernels/cuda/matmul/activations.cuh"
#include "kernels/cuda/matmul/stream_matrix.h"
#include "kernels/cuda/matmul/vectors.h"
#include "kernels/cuda/quant/decode.cuh"

// What a lane does with its part of two rows in a step: sums of products with up to kTokens vectors.

namespace ponder::kernels::cuda {

/// Which vectors a row is multiplied by: vector i, where bit i of mask is set, lies at
/// data + index[i] * vectorBytes.
struct Vectors {
    const std::uint8_t* data = nullptr;
    const std::uint16_t* index = nullptr; ///< [tokens]
    unsigned vectorBytes = 0;
    unsigned mask = 0;

    [[nodiscard]] __device__ __forceinline__ const std::uint8_t* at(int i) const
    {
        return data + std::size_t{index[i]} * vectorBytes;
    }
};

/// The form that a matrix takes of these vectors, which lie at data.
__device__ __forceinline__ Vectors vectorsOf(const VectorForms& forms, const StreamMatrix& m,
    const std::uint8_t* data, const std::uint16_t* index, unsigned mask)
{
    if (m.quantised)
        return {data, index, forms.packedBytes(), mask};
    return {data + forms.plainOffset(), index, forms.plainBytes(), mask};
}

__device__ __forceinline__ int dotBytes(std::uint32_t a, std::uint32_t b, int sum)
{
    return __dp4a(static_cast<int>(a), static_cast<int>(b), sum);
}

/// Group `group` of a vector of `groups` in registers.
struct PackedGroup {
    uint4 high[2], low[2];
    GroupScale scale;

    __device__ __forceinline__ PackedGroup(
        const std::uint8_t* vector, unsigned groups, unsigned group)
    {
        const std::uint8_t* p = vector + 16 * group;
        const unsigned next = 16 * groups;
        high[0] = load<uint4>(p);
        high[1] = load<uint4>(p + next);
        low[0] = load<uint4>(p + 2 * next);
        low[1] = load<uint4>(p + 3 * next);
        scale = load<GroupScale>(p + 4 * next);
    }

    /// Products of 16 whole weights (q[4 * kHalf], …) with half of the group, exactly.
    template <int kHalf>
    [[nodiscard]] __device__ __forceinline__ int dotHalf(const std::uint32_t (&q)[8]) const
    {
        const uint4& h = high[kHalf];
        const uint4& l = low[kHalf];
        int sum = dotBytes(q[4 * kHalf], h.x, 0);
        sum = dotBytes(q[4 * kHalf + 1], h.y, sum);
        sum = dotBytes(q[4 * kHalf + 2], h.z, sum);
        sum = dotBytes(q[4 * kHalf + 3], h.w, sum);
        sum *= 1 << kActivationLowBits;
        sum = dotBytes(q[4 * kHalf], l.x, sum);
        sum = dotBytes(q[4 * kHalf + 1], l.y, sum);
        sum = dotBytes(q[4 * kHalf + 2], l.z, sum);
        return dotBytes(q[4 * kHalf + 3], l.w, sum);
    }
};

/// Adds a group's products to sum: exact over 32 weights (16 where there are two scales), then rounded as
/// on the CPU (kernels/cpu/matmul/README.md).
template <TensorType kType>
__device__ __forceinline__ void addGroup(const Group& w, const PackedGroup& x, float& sum)
{
    using Q = Quant<kType>;
    const int first = x.dotHalf<0>(w.q) - Q::kOffset * x.scale.halfSums[0];
    const int second = x.dotHalf<1>(w.q) - Q::kOffset * x.scale.halfSums[1];
    if constexpr (Q::kTwoScales) {
        sum = fmaf(static_cast<float>(first) * x.scale.scale, w.scale[0], sum);
        sum = fmaf(static_cast<float>(second) * x.scale.scale, w.scale[1], sum);
    } else {
        sum = fmaf(static_cast<float>(first + second) * x.scale.scale, w.scale[0], sum);
    }
    if constexpr (Q::kMins == 1)
        sum = fmaf(-w.min[0], x.scale.sum, sum);
    if constexpr (Q::kMins == 2) {
        PONDER_UNROLL
        for (int half = 0; half < 2; ++half)
            sum = fmaf(
                -w.min[half], x.scale.scale * static_cast<float>(x.scale.halfSums[half]), sum);
    }
}

/// part: this row's part of the step in shared memory; position: of the lane among those of its
/// row; group: in the row.
template <TensorType kType, int kTokens>
__device__ __forceinline__ void addQuantised(const std::uint8_t* const (&part)[kRowsPerLane],
    unsigned position, unsigned group, unsigned groups, const Vectors& x,
    float (&sum)[kRowsPerLane][kTokens])
{
    using Q = Quant<kType>;
    constexpr unsigned kGroups = Q::kWeights / 32;
    Group w[kRowsPerLane];
    PONDER_UNROLL
    for (unsigned r = 0; r < kRowsPerLane; ++r)
        Q::decode(part[r] + position / kGroups * Q::kBytes, position % kGroups, w[r]);
    PONDER_UNROLL
    for (int t = 0; t < kTokens; ++t) {
        if (kTokens > 1 && (x.mask >> t & 1) == 0)
            continue;
        const PackedGroup packed(x.at(t), groups, group);
        PONDER_UNROLL
        for (unsigned r = 0; r < kRowsPerLane; ++r)
            addGroup<kType>(w[r], packed, sum[r][t]);
    }
}

/// Four plain weights at p; those from `count` on are zero.
template <TensorType kType>
__device__ __forceinline__ float4 fourWeights(const std::uint8_t* p, unsigned count)
{
    float v[4];
    if (count >= 4) {
        if constexpr (kType == TensorType::F32) {
            std::uint32_t w[4];
            if (reinterpret_cast<std::uintptr_t>(p) % 16 == 0)
                loadWords<16>(p, w);
            else
                loadWords<4>(p, w);
            PONDER_UNROLL
            for (int i = 0; i < 4; ++i)
                v[i] = __uint_as_float(w[i]);
        } else if constexpr (kType == TensorType::F8_E4M3) {
            const std::uint32_t w = loadWord<1>(p);
            PONDER_UNROLL
            for (int i = 0; i < 4; ++i)
                v[i] = float8Of(w >> (8 * i));
        } else {
            std::uint32_t w[2];
            if (reinterpret_cast<std::uintptr_t>(p) % 8 == 0)
                loadWords<8>(p, w);
            else
                loadWords<2>(p, w);
            PONDER_UNROLL
            for (int i = 0; i < 4; ++i) {
                const std::uint32_t bits = w[i / 2] >> (16 * (i & 1)) & 0xFFFF;
                v[i] = kType == TensorType::F16 ? halfOf(bits) : bfloat16Of(bits);
            }
        }
    } else {
        constexpr float kOne = 1;
        PONDER_UNROLL
        for (unsigned i = 0; i < 4; ++i) {
            v[i] = 0;
            if (i < count) {
                if constexpr (kType == TensorType::F8_E4M3)
                    v[i] = float8Of(p[i]);
                else
                    v[i] = plainWeight<kType>(p, &kOne, i);
            }
        }
    }
    return make_float4(v[0], v[1], v[2], v[3]);
}

/// As above for plain weights: a lane has two runs of four columns, `lanes` * 4 columns apart.
/// scales: of each row, F8_E4M3 only.
template <TensorType kType, int kTokens>
__device__ __forceinline__ void addPlain(const std::uint8_t* const (&part)[kRowsPerLane],
    unsigned position, unsigned lanes, unsigned firstCol, unsigned cols,
    const float* const (&scales)[kRowsPerLane], const Vectors& x,
    float (&sum)[kRowsPerLane][kTokens])
{
    constexpr unsigned kBytes = kType == TensorType::F32 ? 4 : kType == TensorType::F8_E4M3 ? 1 : 2;
    PONDER_UNROLL
    for (unsigned run = 0; run < kFloatsPerLane / 4; ++run) {
        const unsigned inStep = (run * lanes + position) * 4;
        const unsigned col = firstCol + inStep;
        if (col >= cols)
            continue;
        float4 w[kRowsPerLane];
        PONDER_UNROLL
        for (unsigned r = 0; r < kRowsPerLane; ++r) {
            w[r] = fourWeights<kType>(part[r] + inStep * kBytes, cols - col);
            if constexpr (kType == TensorType::F8_E4M3) { // four columns never have two scales
                const float scale = scales[r][col / kScaleBlock];
                w[r] = make_float4(w[r].x * scale, w[r].y * scale, w[r].z * scale, w[r].w * scale);
            }
        }
        PONDER_UNROLL
        for (int t = 0; t < kTokens; ++t) {
            if (kTokens > 1 && (x.mask >> t & 1) == 0)
                continue;
            const float4 v = load<float4>(x.at(t) + 4 * col);
            PONDER_UNROLL
            for (unsigned r = 0; r < kRowsPerLane; ++r) {
                float& s = sum[r][t];
                s = fmaf(w[r].x, v.x, s);
                s = fmaf(w[r].y, v.y, s);
                s = fmaf(w[r].z, v.z, s);
                s = fmaf(w[r].w, v.w, s);
            }
        }
    }
}

} // namespace ponder::kernels::cuda
