#pragma once

#include <cstdint>
#include <vector>

#include "engine/model/network.h"

namespace ponder {

/// What of a network lies together when a plan says where things go. A plan adds these up and a GPU's
/// backend uploads them, so both mean the same bytes.
struct PlacedWeights {
    std::vector<const WeightMatrix*> matrices;
    std::vector<const WeightVector*> vectors;

    void add(const WeightMatrix& m); ///< absent ones are left out
    void add(const WeightVector& v); ///< empty ones too
    [[nodiscard]] std::uint64_t deviceBytes() const; ///< when each is uploaded with deviceBytes()
};

/// Every piece on a GPU begins at a multiple of this.
inline constexpr std::uint64_t kDeviceAlignment = 256;

inline std::uint64_t deviceAligned(std::uint64_t bytes)
{
    return (bytes + kDeviceAlignment - 1) / kDeviceAlignment * kDeviceAlignment;
}

/// What a matrix takes on a GPU: its packed rows, its scales, and an address a matrix where each has a
/// place of its own; every piece aligned.
[[nodiscard]] std::uint64_t deviceBytes(const WeightMatrix& m);
[[nodiscard]] std::uint64_t deviceBytes(const WeightVector& v);

/// Floats of F8_E4M3 scales: of the whole stack, or, with places, of each of its matrices.
[[nodiscard]] std::uint64_t scaleCount(const WeightMatrix& m);

/// Embedding, last norm and head; a tied embedding once.
[[nodiscard]] PlacedWeights endWeights(const Network& network);

/// What every token meets of a layer beside its large matrices: norms, attention, router, shared experts, and
/// what the routed ones add to their results.
[[nodiscard]] PlacedWeights baseWeights(const Layer& layer);

/// The routed experts, or the dense feed-forward.
[[nodiscard]] PlacedWeights feedForwardWeights(const Layer& layer);

[[nodiscard]] bool isRouted(const Layer& layer);

/// Bytes of the feed-forward that decoding one token reads.
[[nodiscard]] std::uint64_t activeFeedForwardBytes(const Layer& layer);

} // namespace ponder
