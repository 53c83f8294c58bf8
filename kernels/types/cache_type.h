#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/types/both.h"

namespace ponder::kernels {

/// How numbers of a GPU's KV cache are kept. (The processor keeps f32.)
enum class CacheType : std::uint8_t {
    F32,
    Bf16, ///< rounded to the nearest
    Fp8, ///< e4m3 (OCP OFP8) in groups with a scale; see CacheRow
};

/// The layout of one row of a cache. An Fp8 row has three parts, each at a multiple of 4 bytes: the coarse
/// columns, one byte each; one f32 scale for every kScaledCols of them; the fine columns in bf16. Fine is the
/// rotated part of an MLA key: its products are large and nearly cancel. Scales are powers of two, so every
/// number of the row is exact in bf16 and reading it rounds nothing.
struct CacheRow {
    static constexpr std::size_t kScaledCols = 128;

    /// The first byte of the scales, and of the fine columns, in an Fp8 row of `coarse` coarse columns.
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

} // namespace ponder::kernels
