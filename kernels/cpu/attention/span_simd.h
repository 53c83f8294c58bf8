#pragma once

#include "kernels/cpu/dispatch/kernel_table.h"
#include "kernels/cpu/elementwise/elementwise_simd.h"
#include "kernels/cpu/simd/each.h"

namespace ponder::kernels::PONDER_SIMD {

/// scores[r][p] = scale * q[r]·keys[p] for a few rows and positions.
template <int rows, int positions>
static void scoreTile(const AttentionSpan& s, std::size_t row, std::size_t position)
{
    const float* q = s.q + row * s.qStride;
    const float* key = s.keys + position * s.keyStride;
    Wide sum[rows][positions];
    for (int r = 0; r < rows; ++r) {
        for (int p = 0; p < positions; ++p) {
            sum[r][p] = wideZero();
        }
    }
    const auto step = [&](std::size_t i, auto load) PONDER_UNROLLED {
        Wide keys[positions];
        for (int p = 0; p < positions; ++p) {
            keys[p] = load(key + static_cast<std::size_t>(p) * s.keyStride + i);
        }
        for (int r = 0; r < rows; ++r) {
            const Wide query = load(q + static_cast<std::size_t>(r) * s.qStride + i);
            for (int p = 0; p < positions; ++p) {
                sum[r][p] = fma(query, keys[p], sum[r][p]);
            }
        }
    };
    std::size_t i = 0;
    for (; i + 16 <= s.keyDim; i += 16) {
        step(i, [](const float* p) PONDER_UNROLLED { return wideLoad(p); });
    }
    if (i < s.keyDim) {
        const std::size_t rest = s.keyDim - i;
        step(i, [rest](const float* p) PONDER_UNROLLED { return wideLoad(p, rest); });
    }
    for (int r = 0; r < rows; ++r) {
        for (int p = 0; p < positions; ++p) {
            s.scores[(row + static_cast<std::size_t>(r)) * kAttentionSpan + position
                + static_cast<std::size_t>(p)]
                = sumWide(sum[r][p]) * s.scale;
        }
    }
}

template <int rows> PONDER_INLINE void scoreRows(const AttentionSpan& s, std::size_t row)
{
    std::size_t p = 0;
    for (; p + kFloatTokens <= s.positions; p += kFloatTokens) {
        scoreTile<rows, kFloatTokens>(s, row, p);
    }
    for (; p < s.positions; ++p) {
        scoreTile<rows, 1>(s, row, p);
    }
}

/// out[r][i …] = sum over positions of score * value, for a few rows and vectors of 16.
template <int rows, int vectors>
static void valueTile(const AttentionSpan& s, std::size_t row, std::size_t i)
{
    Wide sum[rows][vectors];
    for (int r = 0; r < rows; ++r) {
        for (int v = 0; v < vectors; ++v) {
            sum[r][v] = wideZero();
        }
    }
    const float* value = s.values + i;
    const float* weights = s.scores + row * kAttentionSpan;
    for (std::size_t p = 0; p < s.positions; ++p, value += s.valueStride) {
        Wide in[vectors];
        for (int v = 0; v < vectors; ++v) {
            in[v] = wideLoad(value + 16 * v);
        }
        for (int r = 0; r < rows; ++r) {
            const Wide weight = wideSet(weights[static_cast<std::size_t>(r) * kAttentionSpan + p]);
            for (int v = 0; v < vectors; ++v) {
                sum[r][v] = fma(weight, in[v], sum[r][v]);
            }
        }
    }
    for (int r = 0; r < rows; ++r) {
        for (int v = 0; v < vectors; ++v) {
            wideStore(
                s.out + (row + static_cast<std::size_t>(r)) * s.valueDim + i + 16 * v, sum[r][v]);
        }
    }
}

static void valueRest(const AttentionSpan& s, std::size_t row, std::size_t i)
{
    const std::size_t rest = s.valueDim - i;
    Wide sum = wideZero();
    for (std::size_t p = 0; p < s.positions; ++p) {
        sum = fma(wideSet(s.scores[row * kAttentionSpan + p]),
            wideLoad(s.values + p * s.valueStride + i, rest), sum);
    }
    wideStore(s.out + row * s.valueDim + i, sum, rest);
}

template <int rows> PONDER_INLINE void valueRows(const AttentionSpan& s, std::size_t row)
{
    std::size_t i = 0;
    for (; i + 16 * kFloatRows <= s.valueDim; i += 16 * kFloatRows) {
        valueTile<rows, kFloatRows>(s, row, i);
    }
    for (; i + 16 <= s.valueDim; i += 16) {
        valueTile<rows, 1>(s, row, i);
    }
    if (i < s.valueDim) {
        for (std::size_t r = 0; r < rows; ++r) {
            valueRest(s, row + r, i);
        }
    }
}

static void attentionSpan(const AttentionSpan& s)
{
    constexpr std::size_t kRowTile = kFloatRows;
    std::size_t r = 0;
    for (; r + kRowTile <= s.rows; r += kRowTile) {
        scoreRows<kFloatRows>(s, r);
    }
    for (; r < s.rows; ++r) {
        scoreRows<1>(s, r);
    }
    for (r = 0; r < s.rows; ++r) {
        float* scores = s.scores + r * kAttentionSpan;
        s.max[r] = largestOf(scores, s.positions);
        s.sum[r] = expInPlace(scores, s.positions, s.max[r]);
    }
    for (r = 0; r + kRowTile <= s.rows; r += kRowTile) {
        valueRows<kFloatRows>(s, r);
    }
    for (; r < s.rows; ++r) {
        valueRows<1>(s, r);
    }
}

} // namespace ponder::kernels::PONDER_SIMD
