#pragma once

#include "kernels/cuda/attention/attention.h"
#include "kernels/cuda/attention/cache.h"
#include "kernels/cuda/matmul/product.h"

namespace ponder::kernels::cuda {

/// All that an MLA layer does between its projections, over latents: queries take their heads' key matrices in,
/// meet the cache, and what comes out goes through the heads' value matrices. For up to kMaxDecodeTokens
/// tokens three launches.
struct AbsorbedAttention {
    MlaPrepare prepare; ///< rotated: the last columns of attention.q
    HeadProductArgs kB; ///< x: the queries' other part; y: the first columns of attention.q
    bool keyIsTransposed = false; ///< kB.w is transposed: headProductTransposed()
    AttentionStep attention; ///< over prepare.cache
    HeadProductArgs vB; ///< x: attention.out, which need not be written
};

/// Bytes of work.memory that it needs; only shapes and types are looked at.
[[nodiscard]] std::size_t absorbedAttentionMemory(const AbsorbedAttention& p);
Status absorbedAttention(const Work& work, const AbsorbedAttention& p, const AttentionRoom& room);

} // namespace ponder::kernels::cuda
