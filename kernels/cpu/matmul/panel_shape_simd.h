#pragma once

// Panels of weights: kRows adjacent rows, unpacked once for all tokens. Formats with the same panel shape
// share the code that multiplies them (panels_simd.h), which is a source of its own.

#include "kernels/cpu/dispatch/kernel_table.h"
#include "kernels/cpu/simd/each.h"

namespace ponder::kernels::PONDER_SIMD {

/// What one group of 32 weights of each row looks like: 8 vectors of weights, then scales, then
/// minimums. Weights of panels without minimums are too large by PanelProduct::offset.
template <int scales, int mins, bool withSign> struct PanelShape {
    static constexpr int kScales = scales; // one for 32 weights, or for each 16
    static constexpr int kMins = mins; // none, one for 32, or for each 16
    static constexpr bool kSigned = withSign;
    static constexpr std::size_t kGroupBytes
        = static_cast<std::size_t>(8 + kScales + kMins) * sizeof(Int);

    /// Vector i of a group's scales and minimums.
    PONDER_INLINE Float scale(const std::byte* group, int i)
    {
        return floatLoad(reinterpret_cast<const float*>(group + 8 * sizeof(Int)) + i * kRows);
    }
};

/// Bytes of panels that are unpacked before they are multiplied. All tokens read them again, so they stay in the
/// second-level cache, which has 256 KiB on the oldest processors with AVX2 and 1 MiB or more on newer ones.
constexpr std::size_t kPanelBudget = 256 * 1024;
/// 64 rows. A group of 32 columns is 9 to 12 vectors of kRows floats (PanelShape), so 64 rows reach the budget from
/// about 3,000 columns on; shorter rows leave some of it.
constexpr std::size_t kMaxPanels = 64 / kRows;
constexpr std::size_t kMaxGroupBytes = PanelShape<2, 2, false>::kGroupBytes;

/// The product of some consecutive panels with all tokens.
struct PanelProduct {
    const std::byte* panels;
    std::size_t panelBytes;
    std::size_t count;
    std::size_t groups; // in a row
    const ActivationBlock* const* blocks; // [tokens]
    float* const* y; // [tokens]
    std::size_t tokens;
    const std::size_t* yOffsets; // [count] of each panel's first row
    int rows; // of each panel that are stored
    int offset;
};

template <typename Shape> void multiplyPanels(const PanelProduct& p);

} // namespace ponder::kernels::PONDER_SIMD
