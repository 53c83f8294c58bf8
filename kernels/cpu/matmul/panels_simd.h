#pragma once

// Panels of weights with several tokens, once for every shape of a panel.

#include <cstddef>

#include "kernels/cpu/matmul/panel_shape_simd.h"
#include "kernels/cpu/matmul/sums_simd.h"

namespace ponder::kernels::PONDER_SIMD {

/// A few panels with a few tokens. Everything but the panels stays in registers: the sums, and of
/// the group at hand its products; an activation once loaded is multiplied by all panels.
template <typename Shape, int panels, int tokens>
static void panelTimes(const PanelProduct& all, std::size_t firstPanel, std::size_t firstToken)
{
    constexpr int kHalves = Shape::kScales;
    constexpr int kSteps = 8 / kHalves;
    const std::size_t panelBytes = all.panelBytes;
    const std::byte* panel = all.panels + firstPanel * panelBytes;
    const ActivationBlock* x[tokens];
    Float sum[panels][tokens];
    PONDER_UNROLL
    for (int t = 0; t < tokens; ++t) {
        x[t] = all.blocks[firstToken + static_cast<std::size_t>(t)];
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
                    products[p][t] = Shape::kSigned ? dotSigned(products[p][t], w[p], bytes)
                                                    : dot(products[p][t], w[p], bytes);
                }
            }
        }
    };
    for (std::size_t g = 0; g < all.groups; ++g) {
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
                    if constexpr (Shape::kMins == 0) {
                        products[p][t] = intAdd(products[p][t], intSet(-all.offset * q));
                    }
                }
            }
            addProducts(offsetof(ActivationBlock, low), half);
            PONDER_UNROLL
            for (int p = 0; p < panels; ++p) {
                const Float scale
                    = Shape::scale(panel + static_cast<std::size_t>(p) * panelBytes, half);
                PONDER_UNROLL
                for (int t = 0; t < tokens; ++t) {
                    sum[p][t] = fma(
                        mul(toFloat(products[p][t]), floatSet(x[t]->scale)), scale, sum[p][t]);
                }
            }
        }
        PONDER_UNROLL
        for (int i = 0; i < Shape::kMins; ++i) {
            PONDER_UNROLL
            for (int p = 0; p < panels; ++p) {
                const Float min
                    = Shape::scale(panel + static_cast<std::size_t>(p) * panelBytes, kHalves + i);
                PONDER_UNROLL
                for (int t = 0; t < tokens; ++t) {
                    sum[p][t] = fnma(min, floatSet(sumFor<Shape::kMins>(*x[t], i)), sum[p][t]);
                }
            }
        }
        panel += Shape::kGroupBytes;
        PONDER_UNROLL
        for (int t = 0; t < tokens; ++t) {
            ++x[t];
        }
    }
    PONDER_UNROLL
    for (int p = 0; p < panels; ++p) {
        PONDER_UNROLL
        for (int t = 0; t < tokens; ++t) {
            storeRows(all.y[firstToken + static_cast<std::size_t>(t)]
                    + all.yOffsets[firstPanel + static_cast<std::size_t>(p)],
                sum[p][t], all.rows);
        }
    }
}

template <typename Shape, int panels, int tokens = kTokenTile>
PONDER_INLINE void panelTimesUpTo(
    std::size_t count, const PanelProduct& p, std::size_t firstPanel, std::size_t firstToken)
{
    if constexpr (tokens > 0) {
        if (count == tokens) {
            panelTimes<Shape, panels, tokens>(p, firstPanel, firstToken);
        } else {
            panelTimesUpTo<Shape, panels, tokens - 1>(count, p, firstPanel, firstToken);
        }
    }
}

template <typename Shape> void multiplyPanels(const PanelProduct& p)
{
    for (std::size_t t = 0; t < p.tokens; t += kTokenTile) {
        const std::size_t tokens = p.tokens - t < kTokenTile ? p.tokens - t : kTokenTile;
        std::size_t i = 0;
        for (; i + kPanelTile <= p.count; i += kPanelTile) {
            panelTimesUpTo<Shape, kPanelTile>(tokens, p, i, t);
        }
        if constexpr (kPanelTile > 1) {
            for (; i < p.count; ++i) {
                panelTimesUpTo<Shape, 1>(tokens, p, i, t);
            }
        }
    }
}

template void multiplyPanels<PanelShape<1, 0, false>>(const PanelProduct&);
template void multiplyPanels<PanelShape<1, 1, false>>(const PanelProduct&);
template void multiplyPanels<PanelShape<2, 0, false>>(const PanelProduct&);
template void multiplyPanels<PanelShape<2, 2, false>>(const PanelProduct&);
#if PONDER_SIGNED_PANELS
template void multiplyPanels<PanelShape<1, 0, true>>(const PanelProduct&);
#endif

} // namespace ponder::kernels::PONDER_SIMD
