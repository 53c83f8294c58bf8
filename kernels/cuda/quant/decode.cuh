#pragma once

#include "kernels/cuda/quant/formats.cuh"

// Weights of any type as floats.

namespace ponder::kernels::cuda {

/// A group's weights, to the bit as on the CPU.
template <TensorType kType>
__device__ __forceinline__ void groupFloats(const Group& group, float (&out)[32])
{
    using Q = Quant<kType>;
    PONDER_UNROLL
    for (int i = 0; i < 32; ++i) {
        const std::uint32_t q = lessOffset<Q::kOffset>(group.q[i / 4]);
        const auto whole = static_cast<float>(static_cast<std::int8_t>(q >> (8 * (i & 3))));
        const float product = mulRounded(group.scale[Q::kTwoScales ? i / 16 : 0], whole);
        out[i]
            = Q::kMins == 0 ? product : subRounded(product, group.min[Q::kMins == 2 ? i / 16 : 0]);
    }
}

/// Weight `col` of a row of plain numbers; scales: the row's, of F8_E4M3 only.
template <TensorType kType>
__device__ __forceinline__ float plainWeight(
    const std::uint8_t* row, const float* scales, std::size_t col)
{
    if constexpr (kType == TensorType::F32)
        return load<float>(row + 4 * col);
    else if constexpr (kType == TensorType::F16)
        return halfAt(row + 2 * col);
    else if constexpr (kType == TensorType::BF16)
        return bfloat16Of(load<std::uint16_t>(row + 2 * col));
    else
        return mulRounded(float8Of(row[col]), scales[col / 128]);
}

/// Weights first .. first + 31 of a row; first: a multiple of 32. Past cols plain numbers are 0, and
/// quantised rows have none.
template <TensorType kType, bool kQuantised>
__device__ __forceinline__ void loadFloats(const std::uint8_t* row, const float* scales,
    std::size_t first, std::size_t cols, float (&out)[32])
{
    if constexpr (kQuantised) {
        using Q = Quant<kType>;
        Group group;
        Q::decode(row + first / Q::kWeights * Q::kBytes,
            static_cast<unsigned>(first % Q::kWeights / 32), group);
        groupFloats<kType>(group, out);
    } else {
        PONDER_UNROLL
        for (unsigned i = 0; i < 32; ++i)
            out[i] = first + i < cols ? plainWeight<kType>(row, scales, first + i) : 0.0F;
    }
}

/// The same for a type known at run time; all lanes of a warp should have the same.
__device__ __forceinline__ void loadFloats(TensorType type, const std::uint8_t* row,
    const float* scales, std::size_t first, std::size_t cols, float (&out)[32])
{
    switch (type) {
#define PONDER_FLOAT_TYPE(name, id, weights, bytes)                                                \
    case TensorType::name:                                                                         \
        return loadFloats<TensorType::name, false>(row, scales, first, cols, out);
#define PONDER_QUANT_TYPE(name, id, weights, bytes)                                                \
    case TensorType::name:                                                                         \
        return loadFloats<TensorType::name, true>(row, scales, first, cols, out);
#include "kernels/types/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE
    default: // no kernel is launched with another type
        break;
    }
}

} // namespace ponder::kernels::cuda
