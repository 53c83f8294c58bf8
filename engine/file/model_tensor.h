#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/types/tensor_type.h"
#include "kernels/types/views.h"

namespace ponder {

using kernels::TensorType;

/// One tensor of a model file, under GGUF's name. Everything points into the file.
struct ModelTensor {
    std::string_view name;
    TensorType type = TensorType::F32;
    std::uint32_t dimensionCount = 1; ///< 1 to 4
    /// Fastest first: {columns, rows, matrices, 1}; 1 past dimensionCount.
    std::array<std::uint64_t, 4> dimensions{1, 1, 1, 1};
    std::uint64_t bytes = 0; ///< of the weights, without scales
    /// All of it in one piece; empty where there are places.
    std::span<const std::byte> data;
    /// F8_E4M3 in one piece only: f32 [ceil(rows / 128), ceil(columns / 128)]; a weight is its
    /// number times the scale of its block of 128 x 128.
    const float* scales = nullptr;
    /// The address of each matrix of a stack when each is a tensor of its own (the experts of a Hugging
    /// Face folder), packed [rows, columns]; dimensions[2] of them. Otherwise empty.
    std::vector<kernels::MatrixPlace> places;
    /// The same weights in the file, in another order; then data holds them once
    /// ModelFile::prepare() was called, and zeros before. Otherwise empty.
    std::span<const std::byte> source = {};

    [[nodiscard]] std::uint64_t weightCount() const
    {
        return dimensions[0] * dimensions[1] * dimensions[2] * dimensions[3];
    }

    /// The weights as they lie: one piece, or one a matrix.
    [[nodiscard]] std::size_t pieceCount() const { return places.empty() ? 1 : places.size(); }
    [[nodiscard]] std::span<const std::byte> piece(std::size_t i) const
    {
        return places.empty() ? data : std::span(places[i].data, bytes / places.size());
    }
};

} // namespace ponder
