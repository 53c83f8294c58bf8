#pragma once

#include <cstdint>
#include <vector>

#include "engine/model/network.h"

namespace ponder {

/// Weights of a network that a plan puts on one device together. A plan adds them up and a GPU's
/// backend uploads them, so both count the same bytes.
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

/// Bytes of a matrix on a GPU: its packed rows, its scales, and a table of addresses where each matrix of a
/// stack has one of its own; every piece aligned.
[[nodiscard]] std::uint64_t deviceBytes(const WeightMatrix& m);
[[nodiscard]] std::uint64_t deviceBytes(const WeightVector& v);

/// Floats of F8_E4M3 scales: of the whole stack, or, with places, of each of its matrices.
[[nodiscard]] std::uint64_t scaleCount(const WeightMatrix& m);

/// Embedding, last norm and head; a tied embedding once.
[[nodiscard]] PlacedWeights endWeights(const Network& network);

/// The weights of a layer that every token uses, except a dense feed-forward: norms, attention, router, shared
/// experts, and the biases of the routed ones.
[[nodiscard]] PlacedWeights baseWeights(const Layer& layer);

/// The routed experts, or the dense feed-forward.
[[nodiscard]] PlacedWeights feedForwardWeights(const Layer& layer);

[[nodiscard]] bool isRouted(const Layer& layer);

/// Bytes of the feed-forward that decoding one token reads.
[[nodiscard]] std::uint64_t activeFeedForwardBytes(const Layer& layer);

} // namespace ponder
