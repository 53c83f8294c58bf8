#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "kernels/cpu/cpu.h"
#include "kernels/cpu/quant/activations.h"
#include "kernels/types/activation.h"
#include "kernels/types/views.h"

namespace ponder::kernels {

/// The weights of a layer's experts; a dense layer is one expert. gate and up may differ in type.
struct ExpertWeights {
    WeightStack gate, up; ///< [experts, ff, d]
    WeightStack down; ///< [experts, d, ff]
    std::span<const float> gateBias = {}, upBias = {}; ///< [experts, ff] or empty
    std::span<const float> downBias = {}; ///< [experts, d] or empty
    Activation activation = {};
};

/// Feed-forward networks with a gate: expert(x) = down(activation(gate x + bias, up x + bias)) + bias.
/// Keeps its working memory from call to call; one thread uses it at a time.
/// As for matmul(), a token's result does not depend on the batch nor on the threads.
class FeedForward {
public:
    FeedForward();
    ~FeedForward();
    FeedForward(FeedForward&&) noexcept;
    FeedForward& operator=(FeedForward&&) noexcept;

    /// A dense layer or the shared experts: one expert for every token.
    /// x: [tokens, d]; out: [tokens, d], f32.
    /// accumulate: out += result, otherwise out = result. out may be the rows x was packed from
    /// only if no later product uses their floats.
    void dense(
        Cpu& cpu, const ExpertWeights& w, const Activations& x, FloatRows out, bool accumulate);

    /// The routed experts: out[t] (+)= sum over k of weights[t, k] * expert(ids[t, k])(x[t]),
    /// summed in the order of k.
    /// x: [tokens, d]; ids, weights: [tokens, used]; out: [tokens, d], f32.
    /// An id below 0 adds nothing: its expert is computed elsewhere.
    /// Preconditions: every other id is in [0, experts).
    void experts(Cpu& cpu, const ExpertWeights& w, const Activations& x,
        std::span<const std::int32_t> ids, std::span<const float> weights, std::size_t used,
        FloatRows out, bool accumulate);

private:
    struct Workspace;
    std::unique_ptr<Workspace> m_work;
};

} // namespace ponder::kernels
