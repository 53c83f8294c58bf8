#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/moe/feed_forward_launch.h"
#include "kernels/cuda/prefill/tile_product.h"

namespace ponder::kernels::cuda {

inline constexpr std::uint32_t kNoSlot = 0xFFFFFFFF;
inline constexpr std::size_t kMaxGroupedExperts = 1024;

/// Where groupByExpert() puts what it finds; all on the device.
struct GroupArrays {
    TokenTile* tiles = nullptr; ///< [mostTiles]
    std::uint32_t* tileCount = nullptr; ///< [1]
    std::uint32_t* pairs = nullptr; ///< [tokens * used]: t * used + k of every slot
    std::uint32_t* slots = nullptr; ///< [tokens * used]: the slot of every pair, or kNoSlot
};

/// The most tiles that so many pairs can make.
[[nodiscard]] constexpr std::size_t mostTiles(std::size_t pairs, std::size_t experts)
{
    return pairs / kTileTokens + (experts < pairs ? experts : pairs);
}

/// Sorts (token, k) pairs by expert, in order within each (a counting sort, the same every time); pairs of
/// experts that `side` has not get no slot. ids: [pairs], device. At most kMaxGroupedExperts.
Status groupByExpert(const Work& work, const ExpertSide& side, const std::int32_t* ids,
    std::size_t pairs, const GroupArrays& to);

/// out[t, first + c] += sum over k of weights[t, k] * (parts[slot of (t, k), c] + bias[id, first + c]), in the
/// order of k. parts: [slots, cols]; bias: [experts, d] or nullptr.
struct CombineArgs {
    const float* parts = nullptr;
    const std::uint32_t* slots = nullptr; ///< [tokens, used]
    const std::int32_t* ids = nullptr; ///< [tokens, used]
    const float* weights = nullptr; ///< [tokens, used]
    const float* bias = nullptr;
    unsigned tokens = 0, used = 0, first = 0, cols = 0, d = 0;
    float* out = nullptr;
    std::size_t outStride = 0; ///< floats
};
Status combineParts(const Work& work, const CombineArgs& args);

} // namespace ponder::kernels::cuda
