#pragma once

#include <cstdint>

#include "kernels/cuda/matmul/stream_matrix.h"
#include "kernels/cuda/matmul/vectors.h"
#include "kernels/cuda/moe/feed_forward.h"
#include "kernels/cuda/router/router.h"

namespace ponder::kernels::cuda {

/// One kind of experts: those that were chosen, or the one for every token.
struct ExpertSide {
    StreamMatrix gate, up, down;
    const float* gateBias = nullptr;
    const float* upBias = nullptr;
    const float* downBias = nullptr;
    float* hidden = nullptr; ///< [tokens, used, ff] or [tokens, ff]
    unsigned experts = 0; ///< 0: there is none of this kind
    unsigned ff = 0;
    unsigned hiddenTiles = 0; ///< of an expert's gate
    Activation activation = {};
    VectorForms forms; ///< of hidden

    /// Whether expert id can be computed here.
    [[nodiscard]] PONDER_BOTH bool has(std::uint32_t id) const
    {
        return id < experts && (gate.places == nullptr || gate.places[id].data != nullptr)
            && (up.places == nullptr || up.places[id].data != nullptr)
            && (down.places == nullptr || down.places[id].data != nullptr);
    }
};

/// The arguments of the two kernels for up to kMaxDecodeTokens tokens (moe/gate_up_activation_kernel.cuh and
/// moe/down_combine_kernel.cuh).
struct FeedForwardKernel {
    ExpertSide shared, routed;
    const std::int32_t* ids = nullptr; ///< [tokens, used]
    const float* weights = nullptr; ///< [tokens, used]
    unsigned tokens = 0, used = 0, d = 0;
    const float* x = nullptr;
    std::size_t xStride = 0; ///< floats
    InputNorm norm;
    VectorForms forms; ///< of x
    const std::uint8_t* ready = nullptr; ///< x's vectors, or nullptr: every block makes its own
    const std::uint8_t* sharedReady = nullptr; ///< those of hidden; both or neither
    const std::uint8_t* routedReady = nullptr;
    float* out = nullptr;
    std::size_t outStride = 0; ///< floats
    unsigned downTiles = 0;
    StreamShape hiddenShape, downShape;
    unsigned choiceBytes = 0; ///< of shared memory
    RouterStep route; ///< of one token, where routes: it writes ids and weights
    bool routes = false;
    unsigned routeBytes = 0; ///< of the first kernel's shared memory
};

[[nodiscard]] constexpr unsigned choiceBytes(unsigned pairs, unsigned tokens)
{
    return (16 + pairs * (4 + 4 + 8 * tokens + 4 + 4) + 15) / 16 * 16;
}

/// A token's ids and weights, then every expert's score.
[[nodiscard]] constexpr unsigned routeBytes(unsigned used)
{
    return (used * 8 + kMaxExpertsInside * 4 + 15) / 16 * 16;
}

/// kTokens: 1, or kMaxDecodeTokens for any number up to it.
template <int kTokens>
Status launchHidden(
    const FeedForwardKernel& p, unsigned blocks, std::size_t shared, const Work& work);
template <int kTokens>
Status launchDown(
    const FeedForwardKernel& p, unsigned blocks, std::size_t shared, const Work& work);

extern template Status launchHidden<1>(
    const FeedForwardKernel&, unsigned, std::size_t, const Work&);
extern template Status launchHidden<8>(
    const FeedForwardKernel&, unsigned, std::size_t, const Work&);
extern template Status launchDown<1>(const FeedForwardKernel&, unsigned, std::size_t, const Work&);
extern template Status launchDown<8>(const FeedForwardKernel&, unsigned, std::size_t, const Work&);

} // namespace ponder::kernels::cuda
