#pragma once

#include <cassert>
#include <cstddef>

#include "kernels/cpu/quant/tensor_type.h"

namespace ponder::kernels {

/// Rows of float32 that somebody else owns: [rows, cols], row r starts at data + r * stride (floats).
struct ConstFloatRows {
    const float* data = nullptr;
    std::size_t rows = 0;
    std::size_t cols = 0;
    std::size_t stride = 0; ///< floats from one row to the next, at least cols

    ConstFloatRows() = default;
    ConstFloatRows(const float* d, std::size_t r, std::size_t c)
        : ConstFloatRows(d, r, c, c)
    {
    }
    ConstFloatRows(const float* d, std::size_t r, std::size_t c, std::size_t s)
        : data(d)
        , rows(r)
        , cols(c)
        , stride(s)
    {
    }

    [[nodiscard]] const float* row(std::size_t r) const { return data + r * stride; }
};

/// The same, to be written to.
struct FloatRows {
    float* data = nullptr;
    std::size_t rows = 0;
    std::size_t cols = 0;
    std::size_t stride = 0;

    FloatRows() = default;
    FloatRows(float* d, std::size_t r, std::size_t c)
        : FloatRows(d, r, c, c)
    {
    }
    FloatRows(float* d, std::size_t r, std::size_t c, std::size_t s)
        : data(d)
        , rows(r)
        , cols(c)
        , stride(s)
    {
    }

    [[nodiscard]] float* row(std::size_t r) const { return data + r * stride; }
    operator ConstFloatRows() const { return {data, rows, cols, stride}; }
};

/// A vector of cols numbers for every head of every token: [tokens, heads, cols], f32.
/// Element (t, h, c) is data[t * tokenStride + h * headStride + c]. A part of every head
/// (its rope numbers, say) is the same view with data moved and cols made smaller.
struct ConstHeadRows {
    const float* data = nullptr;
    std::size_t tokens = 0;
    std::size_t heads = 0;
    std::size_t cols = 0;
    std::size_t tokenStride = 0; ///< floats
    std::size_t headStride = 0; ///< floats

    [[nodiscard]] const float* at(std::size_t t, std::size_t h) const
    {
        return data + t * tokenStride + h * headStride;
    }
};

struct HeadRows {
    float* data = nullptr;
    std::size_t tokens = 0;
    std::size_t heads = 0;
    std::size_t cols = 0;
    std::size_t tokenStride = 0;
    std::size_t headStride = 0;

    [[nodiscard]] float* at(std::size_t t, std::size_t h) const
    {
        return data + t * tokenStride + h * headStride;
    }
    operator ConstHeadRows() const { return {data, tokens, heads, cols, tokenStride, headStride}; }
};

/// A weight matrix in the quantisation of its file, used in place: [rows, cols].
/// A row is cols / weightsPerBlock blocks one after the other; no alignment is assumed, and
/// never a byte past the last row is read.
struct WeightView {
    TensorType type = TensorType::F32;
    const std::byte* data = nullptr;
    std::size_t rows = 0;
    std::size_t cols = 0; ///< a multiple of traits(type).weightsPerBlock
    std::size_t rowStride = 0; ///< bytes from one row to the next, at least rowBytes(type, cols)

    [[nodiscard]] const std::byte* row(std::size_t r) const { return data + r * rowStride; }

    /// count rows from first on.
    [[nodiscard]] WeightView slice(std::size_t first, std::size_t count) const
    {
        assert(first + count <= rows);
        return {type, row(first), count, cols, rowStride};
    }
};

/// Several matrices of one shape: the experts of a layer, or one matrix a head: [count, rows, cols].
struct WeightStack {
    TensorType type = TensorType::F32;
    const std::byte* data = nullptr;
    std::size_t count = 0;
    std::size_t rows = 0;
    std::size_t cols = 0;
    std::size_t rowStride = 0; ///< bytes
    std::size_t matrixStride = 0; ///< bytes from one matrix to the next

    [[nodiscard]] WeightView matrix(std::size_t i) const
    {
        assert(i < count);
        return {type, data + i * matrixStride, rows, cols, rowStride};
    }
};

/// A packed matrix or stack, as it lies in a file. Precondition: the shape's bytes were checked
/// against the file (rowBytes() says how many they must be).
[[nodiscard]] WeightView weightView(
    TensorType type, const void* data, std::size_t rows, std::size_t cols);
[[nodiscard]] WeightStack weightStack(
    TensorType type, const void* data, std::size_t count, std::size_t rows, std::size_t cols);

} // namespace ponder::kernels
