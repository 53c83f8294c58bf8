#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/matmul/both.h"

// What a row of a cache takes; knows no CUDA, so that plans can count with it.

namespace ponder::kernels::cuda {

/// How numbers of the cache are kept.
enum class CacheType : std::uint8_t {
    F32,
    Bf16, ///< rounded to the nearest
    Fp8, ///< e4m3 (OCP OFP8) in groups with a scale; see CacheRow
};

/// Where things lie in a row. An Fp8 row: its coarse columns, one byte each; f32 scales, one for every
/// kScaledCols of them; the fine columns behind them, in bf16 (the rotated part of an MLA key: its
/// products are large and nearly cancel). Each part begins at a multiple of 4 bytes. Scales are powers of
/// two, so that a number is what bf16 can hold and reading it rounds nothing.
struct CacheRow {
    static constexpr std::size_t kScaledCols = 128;

    /// Of the Fp8 row with so many coarse columns: where its scales begin, and its fine columns.
    [[nodiscard]] PONDER_BOTH static constexpr std::size_t scalesAt(std::size_t coarse)
    {
        return (coarse + 3) / 4 * 4;
    }
    [[nodiscard]] PONDER_BOTH static constexpr std::size_t fineAt(std::size_t coarse)
    {
        return scalesAt(coarse) + (coarse + kScaledCols - 1) / kScaledCols * sizeof(float);
    }
    /// Bytes of a row. fine: how many of cols stay in bf16 where the others are Fp8.
    [[nodiscard]] PONDER_BOTH static constexpr std::size_t bytes(
        CacheType type, std::size_t cols, std::size_t fine = 0)
    {
        if (type != CacheType::Fp8)
            return cols * (type == CacheType::F32 ? 4 : 2);
        return fineAt(cols - fine) + (2 * fine + 3) / 4 * 4;
    }
};

} // namespace ponder::kernels::cuda
