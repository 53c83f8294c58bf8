#pragma once

// Products with weights that are floats: sixteen running sums a product, by the rule of README.md.

#include "kernels/cpu/dispatch/kernel_table.h"

namespace ponder::kernels::PONDER_SIMD {

// A row of weights: load() gives sixteen from column c on, or the first count of them.

struct PlainRow {
    const std::byte* p;
    __attribute__((always_inline)) PlainRow(const RowsProduct& w, std::size_t r)
        : p(w.w + r * w.rowStride)
    {
    }
};

struct F32 : PlainRow {
    using PlainRow::PlainRow;
    __attribute__((always_inline)) const float* at(std::size_t c) const
    {
        return reinterpret_cast<const float*>(p) + c;
    }
    __attribute__((always_inline)) Wide load(std::size_t c) const { return wideLoad(at(c)); }
    __attribute__((always_inline)) Wide load(std::size_t c, std::size_t count) const
    {
        return wideLoad(at(c), count);
    }
};

struct F16 : PlainRow {
    using PlainRow::PlainRow;
    __attribute__((always_inline)) Wide load(std::size_t c) const { return halfLoad(p + 2 * c); }
    __attribute__((always_inline)) Wide load(std::size_t c, std::size_t count) const
    {
        return halfLoad(p + 2 * c, count);
    }
};

struct BF16 : PlainRow {
    using PlainRow::PlainRow;
    __attribute__((always_inline)) Wide load(std::size_t c) const { return bfloatLoad(p + 2 * c); }
    __attribute__((always_inline)) Wide load(std::size_t c, std::size_t count) const
    {
        return bfloatLoad(p + 2 * c, count);
    }
};

/// Sixteen columns never cross from one scale's block into the next.
struct F8_E4M3 : PlainRow {
    static constexpr std::size_t kScaleBlock = 128;
    const float* scales;
    __attribute__((always_inline)) F8_E4M3(const RowsProduct& w, std::size_t r)
        : PlainRow(w, r)
        , scales(w.scales + (w.firstRow + r) / kScaleBlock * w.scaleStride)
    {
    }
    __attribute__((always_inline)) Wide load(std::size_t c) const
    {
        return mul(float8Load(p + c), wideSet(scales[c / kScaleBlock]));
    }
    __attribute__((always_inline)) Wide load(std::size_t c, std::size_t count) const
    {
        return mul(float8Load(p + c, count), wideSet(scales[c / kScaleBlock]));
    }
};

/// sum[r][t] += the rows' weights from column c on times the tokens'
template <int tokens, typename Row, std::size_t rows, typename... Count>
PONDER_INLINE void floatStep(Wide (&sum)[rows][tokens], const Row (&w)[rows], const float* const* x,
    std::size_t c, Count... count)
{
    Wide in[tokens];
    for (int t = 0; t < tokens; ++t) {
        in[t] = wideLoad(x[t] + c, count...);
    }
    for (std::size_t r = 0; r < rows; ++r) {
        const Wide weight = w[r].load(c, count...);
        for (int t = 0; t < tokens; ++t) {
            sum[r][t] = fma(weight, in[t], sum[r][t]);
        }
    }
}

template <int tokens, typename Row, std::size_t rows>
static void floatTile(
    const Row (&w)[rows], const RowsProduct& p, std::size_t firstRow, std::size_t firstToken)
{
    Wide sum[rows][tokens];
    for (std::size_t r = 0; r < rows; ++r) {
        for (int t = 0; t < tokens; ++t) {
            sum[r][t] = wideZero();
        }
    }
    const float* const* x = p.floats + firstToken;
    std::size_t c = 0;
    for (; c + 16 <= p.cols; c += 16) {
        floatStep(sum, w, x, c);
    }
    if (c < p.cols) {
        floatStep(sum, w, x, c, p.cols - c);
    }
    for (std::size_t r = 0; r < rows; ++r) {
        for (int t = 0; t < tokens; ++t) {
            p.y[firstToken + static_cast<std::size_t>(t)][p.yOffset + firstRow + r]
                = sumWide(sum[r][t]);
        }
    }
}

template <typename Row, std::size_t rows>
PONDER_INLINE void floatRowsTimes(const Row (&w)[rows], const RowsProduct& p, std::size_t firstRow)
{
    std::size_t t = 0;
    for (; t + kFloatTokens <= p.tokens; t += kFloatTokens) {
        floatTile<kFloatTokens>(w, p, firstRow, t);
    }
    for (; t < p.tokens; ++t) {
        floatTile<1>(w, p, firstRow, t);
    }
}

template <typename Row> static void floatRows(const RowsProduct& p)
{
    std::size_t r = 0;
    for (; r + kFloatRows <= p.rows; r += kFloatRows) {
        if constexpr (kFloatRows == 4) {
            const Row rows[] = {{p, r}, {p, r + 1}, {p, r + 2}, {p, r + 3}};
            floatRowsTimes(rows, p, r);
        } else {
            const Row rows[] = {{p, r}, {p, r + 1}};
            floatRowsTimes(rows, p, r);
        }
    }
    for (; r < p.rows; ++r) {
        const Row rows[] = {{p, r}};
        floatRowsTimes(rows, p, r);
    }
}

} // namespace ponder::kernels::PONDER_SIMD
