#pragma once

#include <cassert>
#include <cstddef>

#include "kernels/types/tensor_type.h"

namespace ponder::kernels {

/// Rows of float32 that the view does not own: [rows, cols]. Row r starts at data + r * stride (floats).
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

inline constexpr std::size_t kScaleBlock = 128; ///< rows and columns that share a BlockScales scale

/// The scales of F8_E4M3 weights: one f32 for every kScaleBlock x kScaleBlock weights, row-major,
/// [ceil(all rows / 128), ceil(cols / 128)]. Weight (r, c) of a view is its number times
/// data[(firstRow + r) / 128 * stride + c / 128].
struct BlockScales {
    const float* data = nullptr; ///< nullptr for every other type
    std::size_t stride = 0; ///< floats from one row of scales to the next
    std::size_t firstRow = 0; ///< where the view's row 0 lies in the matrix that was scaled

    /// The scales of row r's columns; nullptr where there are none.
    [[nodiscard]] const float* row(std::size_t r) const
    {
        return data == nullptr ? nullptr : data + (firstRow + r) / kScaleBlock * stride;
    }
};

/// A weight matrix in the quantisation of its file, used in place: [rows, cols].
/// A row is cols / weightsPerBlock contiguous blocks; no alignment is assumed, and
/// never a byte past the last row is read.
struct WeightView {
    TensorType type = TensorType::F32;
    const std::byte* data = nullptr;
    std::size_t rows = 0;
    std::size_t cols = 0; ///< a multiple of traits(type).weightsPerBlock
    std::size_t rowStride = 0; ///< bytes from one row to the next, at least rowBytes(type, cols)
    BlockScales scales = {}; ///< F8_E4M3 only

    [[nodiscard]] const std::byte* row(std::size_t r) const { return data + r * rowStride; }

    /// count rows from first on.
    [[nodiscard]] WeightView slice(std::size_t first, std::size_t count) const
    {
        assert(first + count <= rows);
        return {type, row(first), count, cols, rowStride,
            {scales.data, scales.stride, scales.firstRow + first}};
    }
};

/// Where one matrix of a WeightStack lies when each has a place of its own.
struct MatrixPlace {
    const std::byte* data = nullptr;
    const float* scales = nullptr; ///< F8_E4M3 only
};

/// Several matrices of one shape: the experts of a layer, or one matrix a head: [count, rows, cols].
/// They lie matrixStride bytes apart, or, where a file keeps every one as a tensor, in places.
struct WeightStack {
    TensorType type = TensorType::F32;
    const std::byte* data = nullptr;
    std::size_t count = 0;
    std::size_t rows = 0;
    std::size_t cols = 0;
    std::size_t rowStride = 0; ///< bytes
    std::size_t matrixStride = 0; ///< bytes from one matrix to the next
    BlockScales scales = {}; ///< F8_E4M3 only, of the first matrix
    std::size_t scaleRows = 0; ///< rows of weights from one matrix to the next in scales
    const MatrixPlace* places = nullptr; ///< [count], instead of data, matrixStride and scales.data

    [[nodiscard]] WeightView matrix(std::size_t i) const
    {
        assert(i < count);
        if (places != nullptr) {
            return {type, places[i].data, rows, cols, rowStride,
                {places[i].scales, scales.stride, scales.firstRow}};
        }
        return {type, data + i * matrixStride, rows, cols, rowStride,
            {scales.data, scales.stride, scales.firstRow + i * scaleRows}};
    }
};

/// A packed matrix or stack, as it lies in a file. Precondition: the shape's bytes were checked
/// against the file (rowBytes() says how many they must be).
[[nodiscard]] WeightView weightView(
    TensorType type, const void* data, std::size_t rows, std::size_t cols);
[[nodiscard]] WeightStack weightStack(
    TensorType type, const void* data, std::size_t count, std::size_t rows, std::size_t cols);

} // namespace ponder::kernels
