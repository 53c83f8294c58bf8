#pragma once

// Products with quantised weights: kRows rows side by side, one in each lane, so that a group's
// sum of each row is one lane of one vector and needs no adding across lanes.

#include "kernels/cpu/dispatch/kernel_table.h"
#include "kernels/cpu/matmul/panel_shape_simd.h"
#include "kernels/cpu/matmul/sums_simd.h"
#include "kernels/cpu/quant/formats/gather_simd.h"

namespace ponder::kernels::PONDER_SIMD {

/// What a format's weights are too large by when they are multiplied.
template <typename Format>
constexpr int kWholeOffset = Format::kOffset + (Format::kSigned ? kSignedOffset : 0);

template <typename Format>
using ShapeOf = PanelShape<Format::kTwoScales ? 2 : 1, Format::kMins,
    Format::kSigned && PONDER_SIGNED_PANELS != 0>;

/// The products of one group of 32 columns with one activation block, added to sum by the rule
/// of README.md.
template <typename Format>
PONDER_INLINE Float addGroup(
    Float sum, const Int w[8], const GroupScales& scales, const ActivationBlock& x)
{
    constexpr int kOffset = kWholeOffset<Format>;
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
        sum = fma(mul(toFloat(a), scale), scales.first, sum);
        sum = fma(mul(toFloat(b), scale), scales.second, sum);
    } else {
        sum = fma(mul(toFloat(intAdd(a, b)), scale), scales.first, sum);
    }
    if constexpr (Format::kMins > 0) {
        sum = fnma(scales.min, floatSet(sumFor<Format::kMins>(x, 0)), sum);
    }
    if constexpr (Format::kMins > 1) {
        sum = fnma(scales.secondMin, floatSet(sumFor<Format::kMins>(x, 1)), sum);
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
        std::size_t g, const Int w[8], const GroupScales& scales)
    {
        for (std::size_t i = 0; i < kGroupBytes; i += 64) {
            _mm_prefetch(reinterpret_cast<const char*>(ahead + g * kGroupBytes + i), _MM_HINT_T1);
        }
        sum = addGroup<Format>(sum, w, scales, x[g]);
    }
};

/// Several tokens: weights are unpacked once into a panel.
template <typename Format> struct PanelSink {
    using Shape = ShapeOf<Format>;

    std::byte* panel;

    __attribute__((always_inline)) void group(
        std::size_t g, const Int w[8], const GroupScales& scales)
    {
        std::byte* at = panel + g * Shape::kGroupBytes;
        for (int i = 0; i < 8; ++i) {
            intStore(at + static_cast<std::size_t>(i) * sizeof(Int), w[i]);
        }
        auto* out = reinterpret_cast<float*>(at + 8 * sizeof(Int));
        floatStore(out, scales.first);
        if constexpr (Shape::kScales == 2) {
            floatStore(out + kRows, scales.second);
        }
        if constexpr (Shape::kMins > 0) {
            floatStore(out + kRows * Shape::kScales, scales.min);
        }
        if constexpr (Shape::kMins > 1) {
            floatStore(out + kRows * (Shape::kScales + 1), scales.secondMin);
        }
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
    const std::size_t panelBytes = groups * ShapeOf<Format>::kGroupBytes;
    std::byte* panels = p.scratch + (kTile * rowSize + 63) / 64 * 64;
    std::size_t together = kPanelBudget / panelBytes;
    together = together < 1 ? 1 : (together > kMaxPanels ? kMaxPanels : together);
    for (std::size_t tile = 0; tile < tiles; tile += together) {
        const std::size_t count = tiles - tile < together ? tiles - tile : together;
        for (std::size_t i = 0; i < count; ++i) {
            PanelSink<Format> sink{panels + i * panelBytes};
            unpackRows<Format>(w + start(tile + i) * stride, stride, p.cols, sink);
        }
        std::size_t yOffsets[kMaxPanels];
        for (std::size_t i = 0; i < count; ++i) {
            yOffsets[i] = p.yOffset + start(tile + i);
        }
        multiplyPanels<ShapeOf<Format>>({panels, panelBytes, count, groups, p.blocks, p.y, p.tokens,
            yOffsets, stored, kWholeOffset<Format>});
    }
}

} // namespace ponder::kernels::PONDER_SIMD
