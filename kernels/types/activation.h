#pragma once

namespace ponder::kernels {

/// The activation of a feed-forward network with a gate: what is computed between its products.
struct Activation {
    enum class Kind {
        SwiGlu, ///< silu(gate) * up
        /// gpt-oss's: gate * sigmoid(alpha * gate) * (up + 1), where gate is at most limit and up is
        /// clamped to -limit .. limit
        ClampedSwiGlu,
    } kind
        = Kind::SwiGlu;
    float alpha = 1.702f, limit = 7.0f; ///< of ClampedSwiGlu
};

} // namespace ponder::kernels
