#pragma once

#include "kernels/cpu/dispatch/kernel_table.h"
#include "kernels/cpu/elementwise/elementwise_simd.h"
#include "kernels/cpu/simd/each.h"

namespace ponder::kernels::PONDER_SIMD {

/// scores[h][p] = scale * q[h]·cache[p] for a few heads and positions.
template <int heads, int positions>
static void scoreTile(const MlaSpan& s, std::size_t head, std::size_t position)
{
    const float* q = s.q + head * s.qStride;
    const float* key = s.cache + position * s.cacheStride;
    Wide sum[heads][positions];
    for (int h = 0; h < heads; ++h) {
        for (int p = 0; p < positions; ++p) {
            sum[h][p] = wideZero();
        }
    }
    const auto step = [&](std::size_t i, auto load) PONDER_UNROLLED {
        Wide keys[positions];
        for (int p = 0; p < positions; ++p) {
            keys[p] = load(key + static_cast<std::size_t>(p) * s.cacheStride + i);
        }
        for (int h = 0; h < heads; ++h) {
            const Wide query = load(q + static_cast<std::size_t>(h) * s.qStride + i);
            for (int p = 0; p < positions; ++p) {
                sum[h][p] = fma(query, keys[p], sum[h][p]);
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
    for (int h = 0; h < heads; ++h) {
        for (int p = 0; p < positions; ++p) {
            s.scores[(head + static_cast<std::size_t>(h)) * kMlaSpan + position
                + static_cast<std::size_t>(p)]
                = sumWide(sum[h][p]) * s.scale;
        }
    }
}

template <int heads> PONDER_INLINE void scoreHeads(const MlaSpan& s, std::size_t head)
{
    std::size_t p = 0;
    for (; p + kFloatTokens <= s.positions; p += kFloatTokens) {
        scoreTile<heads, kFloatTokens>(s, head, p);
    }
    for (; p < s.positions; ++p) {
        scoreTile<heads, 1>(s, head, p);
    }
}

/// out[h][i …] = sum over positions of score * value, for a few heads and vectors of 16.
template <int heads, int vectors>
static void valueTile(const MlaSpan& s, std::size_t head, std::size_t i)
{
    Wide sum[heads][vectors];
    for (int h = 0; h < heads; ++h) {
        for (int v = 0; v < vectors; ++v) {
            sum[h][v] = wideZero();
        }
    }
    const float* value = s.cache + i;
    const float* weights = s.scores + head * kMlaSpan;
    for (std::size_t p = 0; p < s.positions; ++p, value += s.cacheStride) {
        Wide in[vectors];
        for (int v = 0; v < vectors; ++v) {
            in[v] = wideLoad(value + 16 * v);
        }
        for (int h = 0; h < heads; ++h) {
            const Wide weight = wideSet(weights[static_cast<std::size_t>(h) * kMlaSpan + p]);
            for (int v = 0; v < vectors; ++v) {
                sum[h][v] = fma(weight, in[v], sum[h][v]);
            }
        }
    }
    for (int h = 0; h < heads; ++h) {
        for (int v = 0; v < vectors; ++v) {
            wideStore(
                s.out + (head + static_cast<std::size_t>(h)) * s.rank + i + 16 * v, sum[h][v]);
        }
    }
}

static void valueRest(const MlaSpan& s, std::size_t head, std::size_t i)
{
    const std::size_t rest = s.rank - i;
    Wide sum = wideZero();
    for (std::size_t p = 0; p < s.positions; ++p) {
        sum = fma(wideSet(s.scores[head * kMlaSpan + p]),
            wideLoad(s.cache + p * s.cacheStride + i, rest), sum);
    }
    wideStore(s.out + head * s.rank + i, sum, rest);
}

template <int heads> PONDER_INLINE void valueHeads(const MlaSpan& s, std::size_t head)
{
    std::size_t i = 0;
    for (; i + 16 * kFloatRows <= s.rank; i += 16 * kFloatRows) {
        valueTile<heads, kFloatRows>(s, head, i);
    }
    for (; i + 16 <= s.rank; i += 16) {
        valueTile<heads, 1>(s, head, i);
    }
    if (i < s.rank) {
        for (std::size_t h = 0; h < heads; ++h) {
            valueRest(s, head + h, i);
        }
    }
}

static void mlaSpan(const MlaSpan& s)
{
    constexpr std::size_t kHeads = kFloatRows;
    std::size_t h = 0;
    for (; h + kHeads <= s.heads; h += kHeads) {
        scoreHeads<kFloatRows>(s, h);
    }
    for (; h < s.heads; ++h) {
        scoreHeads<1>(s, h);
    }
    for (h = 0; h < s.heads; ++h) {
        float* scores = s.scores + h * kMlaSpan;
        s.max[h] = largestOf(scores, s.positions);
        s.sum[h] = expInPlace(scores, s.positions, s.max[h]);
    }
    for (h = 0; h + kHeads <= s.heads; h += kHeads) {
        valueHeads<kFloatRows>(s, h);
    }
    for (; h < s.heads; ++h) {
        valueHeads<1>(s, h);
    }
}

} // namespace ponder::kernels::PONDER_SIMD
