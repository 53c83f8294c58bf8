#pragma once

// Products with F32, F16 and BF16 weights: sixteen running sums a product, by the rule of README.md.

#include "kernels/cpu/dispatch/kernel_table.h"

namespace ponder::kernels::PONDER_SIMD {

struct F32 {
    static constexpr std::size_t kBytes = 4;
    PONDER_INLINE Wide load(Bytes p) { return wideLoad(reinterpret_cast<const float*>(p)); }
    PONDER_INLINE Wide load(Bytes p, std::size_t count)
    {
        return wideLoad(reinterpret_cast<const float*>(p), count);
    }
};

struct F16 {
    static constexpr std::size_t kBytes = 2;
    PONDER_INLINE Wide load(Bytes p) { return halfLoad(p); }
    PONDER_INLINE Wide load(Bytes p, std::size_t count) { return halfLoad(p, count); }
};

struct BF16 {
    static constexpr std::size_t kBytes = 2;
    PONDER_INLINE Wide load(Bytes p) { return bfloatLoad(p); }
    PONDER_INLINE Wide load(Bytes p, std::size_t count) { return bfloatLoad(p, count); }
};

template <typename Format, int rows, int tokens>
static void floatTile(Bytes w, std::size_t stride, std::size_t cols, const float* const* x,
    float* const* y, std::size_t yOffset)
{
    Wide sum[rows][tokens];
    for (int r = 0; r < rows; ++r) {
        for (int t = 0; t < tokens; ++t) {
            sum[r][t] = wideZero();
        }
    }
    std::size_t c = 0;
    for (; c + 16 <= cols; c += 16) {
        Wide in[tokens];
        for (int t = 0; t < tokens; ++t) {
            in[t] = wideLoad(x[t] + c);
        }
        for (int r = 0; r < rows; ++r) {
            const Wide weight
                = Format::load(w + static_cast<std::size_t>(r) * stride + c * Format::kBytes);
            for (int t = 0; t < tokens; ++t) {
                sum[r][t] = fma(weight, in[t], sum[r][t]);
            }
        }
    }
    if (c < cols) {
        Wide in[tokens];
        for (int t = 0; t < tokens; ++t) {
            in[t] = wideLoad(x[t] + c, cols - c);
        }
        for (int r = 0; r < rows; ++r) {
            const Wide weight = Format::load(
                w + static_cast<std::size_t>(r) * stride + c * Format::kBytes, cols - c);
            for (int t = 0; t < tokens; ++t) {
                sum[r][t] = fma(weight, in[t], sum[r][t]);
            }
        }
    }
    for (int r = 0; r < rows; ++r) {
        for (int t = 0; t < tokens; ++t) {
            y[t][yOffset + static_cast<std::size_t>(r)] = sumWide(sum[r][t]);
        }
    }
}

template <typename Format, int rows>
PONDER_INLINE void floatRowsTimes(Bytes w, const RowsProduct& p, std::size_t yOffset)
{
    std::size_t t = 0;
    for (; t + kFloatTokens <= p.tokens; t += kFloatTokens) {
        floatTile<Format, rows, kFloatTokens>(
            w, p.rowStride, p.cols, p.floats + t, p.y + t, yOffset);
    }
    for (; t < p.tokens; ++t) {
        floatTile<Format, rows, 1>(w, p.rowStride, p.cols, p.floats + t, p.y + t, yOffset);
    }
}

template <typename Format> static void floatRows(const RowsProduct& p)
{
    Bytes w = reinterpret_cast<Bytes>(p.w);
    std::size_t r = 0;
    for (; r + kFloatRows <= p.rows; r += kFloatRows) {
        floatRowsTimes<Format, kFloatRows>(w + r * p.rowStride, p, p.yOffset + r);
    }
    for (; r < p.rows; ++r) {
        floatRowsTimes<Format, 1>(w + r * p.rowStride, p, p.yOffset + r);
    }
}

} // namespace ponder::kernels::PONDER_SIMD
