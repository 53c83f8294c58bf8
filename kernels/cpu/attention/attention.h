#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "kernels/cpu/cpu.h"
#include "kernels/types/views.h"

namespace ponder::kernels {

/// Causal attention over a cache of keys and values that heads share in groups: head h looks at the
/// cache's head h * kvHeads / heads (Ainslie et al., arXiv 2305.13245). Multi-head latent attention
/// in absorbed form (DeepSeek-V2, section 2.1.2 and appendix C) is the case of one cached head
/// whose row is key and value at once.
///
/// A group's keys and values are read once for all its heads, and for several tokens of a batch.
/// Keeps its working memory from call to call; one thread uses it at a time.
/// A token's result does not depend on the batch nor on the threads.
class Attention {
public:
    Attention();
    ~Attention();
    Attention(Attention&&) noexcept;
    Attention& operator=(Attention&&) noexcept;

    struct Params {
        ConstHeadRows q; ///< [tokens, heads, keyDim], rotated; heads: a multiple of keys.heads
        ConstHeadRows keys; ///< [positions, kvHeads, keyDim]; written so far, this batch's included
        ConstHeadRows values; ///< [positions, kvHeads, valueDim]; may lie in the keys' rows
        std::size_t firstPosition = 0; ///< of token 0; token t sees positions up to its own
        std::size_t window = 0; ///< only the last `window` of these; 0: all
        float scale = 1.0f; ///< times q·k before the softmax
        /// [heads] or empty: a score that takes its share of the softmax and has no value (gpt-oss)
        std::span<const float> sinks = {};
        HeadRows out; ///< [tokens, heads, valueDim]
    };

    /// Precondition: keys.tokens and values.tokens >= firstPosition + q.tokens.
    void run(Cpu& cpu, const Params& params);

private:
    struct Workspace;
    std::unique_ptr<Workspace> m_work;
};

} // namespace ponder::kernels
