#pragma once

// Products with quantised weights: kRows rows side by side, one in each lane, so that a group's
// sum of each row is one lane of one vector and needs no adding across lanes.

#include <cstddef>

#include "kernels/cpu/dispatch/kernel_table.h"
#include "kernels/cpu/simd/each.h"

namespace ponder::kernels::PONDER_SIMD {

/// The products of one group of 32 columns with one activation block, added to sum by the rule
/// of README.md.
template <typename Format>
PONDER_INLINE Float addGroup(
    Float sum, const Int w[8], Float first, Float second, Float min, const ActivationBlock& x)
{
    constexpr int kOffset = Format::kOffset + (Format::kSigned ? kSignedOffset : 0);
    const auto times = [](Int s, Int weights, const std::int8_t* q) PONDER_UNROLLED {
        return Format::kSigned ? dotSigned(s, weights, q) : dot(s, weights, q);
    };
    Int a = kOffset != 0 ? intSet(-kOffset * x.halfSums[0]) : intZero();
    Int b = kOffset != 0 ? intSet(-kOffset * x.halfSums[1]) : intZero();
    Int highA = intZero();
    Int highB = intZero();
    for (int i = 0; i < 4; ++i) {
        highA = times(highA, w[i], x.high + 4 * i);
        highB = times(highB, w[i + 4], x.high + 16 + 4 * i);
        a = times(a, w[i], x.low + 4 * i);
        b = times(b, w[i + 4], x.low + 16 + 4 * i);
    }
    a = intAdd(a, shiftLeft<kActivationLowBits>(highA));
    b = intAdd(b, shiftLeft<kActivationLowBits>(highB));
    const Float scale = floatSet(x.scale);
    if constexpr (Format::kTwoScales) {
        sum = fma(mul(toFloat(a), scale), first, sum);
        sum = fma(mul(toFloat(b), scale), second, sum);
    } else {
        sum = fma(mul(toFloat(intAdd(a, b)), scale), first, sum);
    }
    if constexpr (Format::kHasMin) {
        sum = fnma(min, floatSet(x.sum), sum);
    }
    return sum;
}

/// One token: weights go from the file through registers into the sum.
template <typename Format> struct SingleSink {
    static constexpr std::size_t kGroupBytes
        = static_cast<std::size_t>(kRows) * Format::kBytes / (Format::kCols / 32);

    const ActivationBlock* x;
    Float sum;
    // The rows after these, brought into the second-level cache while these are worked on: no
    // hardware prefetcher sees through the order in which sixteen rows are read.
    Bytes ahead;

    __attribute__((always_inline)) void group(
        std::size_t g, const Int w[8], Float first, Float second, Float min)
    {
        for (std::size_t i = 0; i < kGroupBytes; i += 64) {
            _mm_prefetch(reinterpret_cast<const char*>(ahead + g * kGroupBytes + i), _MM_HINT_T1);
        }
        sum = addGroup<Format>(sum, w, first, second, min, x[g]);
    }
};

/// Several tokens: weights are unpacked once into a panel.
/// Of each group: 8 vectors of weights, then its scales and minimums.
template <typename Format> struct PanelSink {
    static constexpr std::size_t kVectors = 8 + 1 + Format::kTwoScales + Format::kHasMin;
    static constexpr std::size_t kGroupBytes = kVectors * sizeof(Int);

    std::byte* panel;

    __attribute__((always_inline)) void group(
        std::size_t g, const Int w[8], Float first, Float second, Float min)
    {
        std::byte* at = panel + g * kGroupBytes;
        for (int i = 0; i < 8; ++i) {
            intStore(at + static_cast<std::size_t>(i) * sizeof(Int), w[i]);
        }
        auto* scales = reinterpret_cast<float*>(at + 8 * sizeof(Int));
        floatStore(scales, first);
        if constexpr (Format::kTwoScales) {
            floatStore(scales + kRows, second);
        }
        if constexpr (Format::kHasMin) {
            floatStore(scales + kRows * (1 + Format::kTwoScales), min);
        }
    }

    /// Vector i of a group's scales and minimums.
    PONDER_INLINE Float scale(const std::byte* group, int i)
    {
        return floatLoad(reinterpret_cast<const float*>(group + 8 * sizeof(Int)) + i * kRows);
    }
};

template <typename Format, typename Sink>
PONDER_INLINE void unpackRows(Bytes w, std::size_t stride, std::size_t cols, Sink& sink)
{
    constexpr std::size_t kGroups = Format::kCols / 32;
    for (std::size_t b = 0; b < cols / Format::kCols; ++b) {
        Format::block(w + b * Format::kBytes, stride, b * kGroups, sink);
    }
}

/// A few panels with a few tokens. Everything but the panels stays in registers: the sums, and of
/// the group at hand its products; an activation once loaded meets all panels.
template <typename Format, int panels, int tokens>
static void panelTimes(const std::byte* panel, std::size_t panelBytes, std::size_t groups,
    const ActivationBlock* const* blocks, float* const* y, const std::size_t* yOffsets, int rows)
{
    using Sink = PanelSink<Format>;
    constexpr int kOffset = Format::kOffset + (Format::kSigned ? kSignedOffset : 0);
    constexpr int kHalves = Format::kTwoScales ? 2 : 1;
    constexpr int kSteps = 8 / kHalves;
    const ActivationBlock* x[tokens];
    Float sum[panels][tokens];
    PONDER_UNROLL
    for (int t = 0; t < tokens; ++t) {
        x[t] = blocks[t];
        PONDER_UNROLL
        for (int p = 0; p < panels; ++p) {
            sum[p][t] = floatZero();
        }
    }
    Int products[panels][tokens];
    // products += the panels' weights times the bytes at x[t] + at, half a group or a whole one
    const auto addProducts = [&](std::size_t at, int half) PONDER_UNROLLED {
        PONDER_UNROLL
        for (int i = 0; i < kSteps; ++i) {
            const auto step = static_cast<std::size_t>(half * kSteps + i);
            Int w[panels];
            PONDER_UNROLL
            for (int p = 0; p < panels; ++p) {
                w[p] = intLoad(
                    panel + static_cast<std::size_t>(p) * panelBytes + step * sizeof(Int));
            }
            PONDER_UNROLL
            for (int t = 0; t < tokens; ++t) {
                const auto* bytes = reinterpret_cast<const std::int8_t*>(x[t]) + at + 4 * step;
                PONDER_UNROLL
                for (int p = 0; p < panels; ++p) {
                    products[p][t] = Format::kSigned ? dotSigned(products[p][t], w[p], bytes)
                                                     : dot(products[p][t], w[p], bytes);
                }
            }
        }
    };
    for (std::size_t g = 0; g < groups; ++g) {
        PONDER_UNROLL
        for (int half = 0; half < kHalves; ++half) {
            PONDER_UNROLL
            for (int p = 0; p < panels; ++p) {
                PONDER_UNROLL
                for (int t = 0; t < tokens; ++t) {
                    products[p][t] = intZero();
                }
            }
            addProducts(offsetof(ActivationBlock, high), half);
            PONDER_UNROLL
            for (int t = 0; t < tokens; ++t) {
                const std::int32_t* sums = x[t]->halfSums;
                const std::int32_t q = kHalves == 2 ? sums[half] : sums[0] + sums[1];
                PONDER_UNROLL
                for (int p = 0; p < panels; ++p) {
                    products[p][t] = shiftLeft<kActivationLowBits>(products[p][t]);
                    if constexpr (kOffset != 0) {
                        products[p][t] = intAdd(products[p][t], intSet(-kOffset * q));
                    }
                }
            }
            addProducts(offsetof(ActivationBlock, low), half);
            PONDER_UNROLL
            for (int p = 0; p < panels; ++p) {
                const Float scale
                    = Sink::scale(panel + static_cast<std::size_t>(p) * panelBytes, half);
                PONDER_UNROLL
                for (int t = 0; t < tokens; ++t) {
                    sum[p][t] = fma(
                        mul(toFloat(products[p][t]), floatSet(x[t]->scale)), scale, sum[p][t]);
                }
            }
        }
        if constexpr (Format::kHasMin) {
            PONDER_UNROLL
            for (int p = 0; p < panels; ++p) {
                const Float min
                    = Sink::scale(panel + static_cast<std::size_t>(p) * panelBytes, kHalves);
                PONDER_UNROLL
                for (int t = 0; t < tokens; ++t) {
                    sum[p][t] = fnma(min, floatSet(x[t]->sum), sum[p][t]);
                }
            }
        }
        panel += Sink::kGroupBytes;
        PONDER_UNROLL
        for (int t = 0; t < tokens; ++t) {
            ++x[t];
        }
    }
    PONDER_UNROLL
    for (int p = 0; p < panels; ++p) {
        PONDER_UNROLL
        for (int t = 0; t < tokens; ++t) {
            storeRows(y[t] + yOffsets[p], sum[p][t], rows);
        }
    }
}

template <typename Format, int panels, int tokens = kTokenTile>
PONDER_INLINE void panelTimesUpTo(std::size_t count, const std::byte* panel, std::size_t panelBytes,
    std::size_t groups, const ActivationBlock* const* blocks, float* const* y,
    const std::size_t* yOffsets, int rows)
{
    if constexpr (tokens > 0) {
        if (count == tokens) {
            panelTimes<Format, panels, tokens>(
                panel, panelBytes, groups, blocks, y, yOffsets, rows);
        } else {
            panelTimesUpTo<Format, panels, tokens - 1>(
                count, panel, panelBytes, groups, blocks, y, yOffsets, rows);
        }
    }
}

constexpr std::size_t kPanelBudget = 256 * 1024; // bytes of panels that a second-level cache holds
constexpr std::size_t kMostPanels = 64 / kRows;

/// Scratch: a copy of kRows rows (for matrices with fewer), then the panels.
template <typename Format> static void quantisedRows(const RowsProduct& p)
{
    constexpr auto kTile = static_cast<std::size_t>(kRows);
    Bytes w = reinterpret_cast<Bytes>(p.w);
    std::size_t stride = p.rowStride;
    std::size_t rows = p.rows;
    const std::size_t rowSize = p.cols / Format::kCols * Format::kBytes;
    if (rows < kTile) { // lanes without a row of their own repeat the last one
        for (std::size_t r = 0; r < kTile; ++r) {
            __builtin_memcpy(
                p.scratch + r * rowSize, w + (r < rows ? r : rows - 1) * stride, rowSize);
        }
        w = reinterpret_cast<Bytes>(p.scratch);
        stride = rowSize;
        rows = kTile;
    }
    const int stored = static_cast<int>(p.rows < kTile ? p.rows : kTile);
    // The last tile is moved back over rows already done, which come out the same again.
    const auto start = [rows](std::size_t tile) {
        return tile * kTile + kTile <= rows ? tile * kTile : rows - kTile;
    };
    const std::size_t tiles = (rows + kTile - 1) / kTile;
    if (p.tokens == 1) {
        for (std::size_t tile = 0; tile < tiles; ++tile) {
            const std::size_t next = tile + 1 < tiles ? start(tile + 1) : start(tile);
            SingleSink<Format> sink{p.blocks[0], floatZero(), w + next * stride};
            unpackRows<Format>(w + start(tile) * stride, stride, p.cols, sink);
            storeRows(p.y[0] + p.yOffset + start(tile), sink.sum, stored);
        }
        return;
    }
    const std::size_t groups = p.cols / 32;
    const std::size_t panelBytes = groups * PanelSink<Format>::kGroupBytes;
    std::byte* panels = p.scratch + (kTile * rowSize + 63) / 64 * 64;
    std::size_t together = kPanelBudget / panelBytes;
    together = together < 1 ? 1 : (together > kMostPanels ? kMostPanels : together);
    for (std::size_t tile = 0; tile < tiles; tile += together) {
        const std::size_t count = tiles - tile < together ? tiles - tile : together;
        for (std::size_t i = 0; i < count; ++i) {
            PanelSink<Format> sink{panels + i * panelBytes};
            unpackRows<Format>(w + start(tile + i) * stride, stride, p.cols, sink);
        }
        std::size_t yOffsets[kMostPanels];
        for (std::size_t i = 0; i < count; ++i) {
            yOffsets[i] = p.yOffset + start(tile + i);
        }
        for (std::size_t t = 0; t < p.tokens; t += kTokenTile) {
            const std::size_t tokens = p.tokens - t < kTokenTile ? p.tokens - t : kTokenTile;
            std::size_t i = 0;
            for (; i + kPanelTile <= count; i += kPanelTile) {
                panelTimesUpTo<Format, kPanelTile>(tokens, panels + i * panelBytes, panelBytes,
                    groups, p.blocks + t, p.y + t, yOffsets + i, stored);
            }
            if constexpr (kPanelTile > 1) {
                for (; i < count; ++i) {
                    panelTimesUpTo<Format, 1>(tokens, panels + i * panelBytes, panelBytes, groups,
                        p.blocks + t, p.y + t, yOffsets + i, stored);
                }
            }
        }
    }
}

/// Enough for every format.
static std::size_t scratchBytes(std::size_t rowSize, std::size_t cols)
{
    constexpr std::size_t kMostVectors = 11; // of a group in a panel
    const std::size_t panel = cols / 32 * kMostVectors * sizeof(Int);
    return (static_cast<std::size_t>(kRows) * rowSize + 63) / 64 * 64
        + (panel > kPanelBudget ? panel : kPanelBudget);
}

} // namespace ponder::kernels::PONDER_SIMD
