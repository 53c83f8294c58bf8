#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "kernels/cpu/cpu.h"
#include "kernels/cpu/quant/activations.h"
#include "kernels/cpu/views.h"

namespace ponder::kernels {

/// Feed-forward networks with SwiGLU: down(silu(gate x) * up x).
/// Keeps its working memory from call to call; one thread uses it at a time.
/// As for matmul(), a token's result does not depend on the batch nor on the threads.
class FeedForward {
public:
    FeedForward();
    ~FeedForward();
    FeedForward(FeedForward&&) noexcept;
    FeedForward& operator=(FeedForward&&) noexcept;

    /// A dense layer or the shared experts.
    /// gate, up: [ff, d]; down: [d, ff]; x: [tokens, d]; out: [tokens, d], f32.
    /// accumulate: out += result, otherwise out = result. out may be the rows x was packed from
    /// only if no later product uses their floats.
    void dense(Cpu& cpu, const WeightView& gate, const WeightView& up, const WeightView& down,
        const Activations& x, FloatRows out, bool accumulate);

    /// The routed experts: out[t] (+)= sum over k of weights[t, k] * expert(ids[t, k])(x[t]),
    /// summed in the order of k.
    /// gate, up: [experts, ff, d]; down: [experts, d, ff]; x: [tokens, d];
    /// ids, weights: [tokens, used]; out: [tokens, d], f32.
    /// Preconditions: every id is in [0, experts).
    void experts(Cpu& cpu, const WeightStack& gate, const WeightStack& up, const WeightStack& down,
        const Activations& x, std::span<const std::int32_t> ids, std::span<const float> weights,
        std::size_t used, FloatRows out, bool accumulate);

private:
    struct Workspace;
    std::unique_ptr<Workspace> m_work;
};

} // namespace ponder::kernels
