#pragma once

#include <cstddef>
#include <memory>

#include "kernels/cpu/cpu.h"
#include "kernels/cpu/views.h"

namespace ponder::kernels {

/// Multi-head latent attention in absorbed form (DeepSeek-V2, section 2.1.2 and appendix C): every head
/// looks at the same cache, whose row is key and value at once.
/// Keeps its working memory from call to call; one thread uses it at a time.
/// A token's result does not depend on the batch nor on the threads.
class MlaAttention {
public:
    MlaAttention();
    ~MlaAttention();
    MlaAttention(MlaAttention&&) noexcept;
    MlaAttention& operator=(MlaAttention&&) noexcept;

    struct Params {
        ConstHeadRows q; ///< [tokens, heads, kvLoraRank + ropeDim], absorbed and rotated
        ConstFloatRows
            cache; ///< [positions, kvLoraRank + ropeDim]; rows written so far, this batch's included
        std::size_t kvLoraRank = 0; ///< the values are the first kvLoraRank numbers of a row
        std::size_t firstPosition
            = 0; ///< position of token 0: token t sees rows 0 .. firstPosition + t
        float scale = 1.0f; ///< times q·k before the softmax
        HeadRows out; ///< [tokens, heads, kvLoraRank]
    };

    /// Precondition: cache.rows >= firstPosition + q.tokens.
    void run(Cpu& cpu, const Params& params);

private:
    struct Workspace;
    std::unique_ptr<Workspace> m_work;
};

} // namespace ponder::kernels
