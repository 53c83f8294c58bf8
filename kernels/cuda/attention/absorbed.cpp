#include "kernels/cuda/attention/absorbed.h"

#include <algorithm>

#include "kernels/cuda/attention/rows.h"

namespace ponder::kernels::cuda {

std::size_t absorbedAttentionMemory(const AbsorbedAttention& p)
{
    return std::max(p.keyIsTransposed ? 0 : headProductMemory(p.kB), headProductMemory(p.vB));
}

Status absorbedAttention(const Work& work, const AbsorbedAttention& p, const AttentionRoom& room)
{
    PONDER_CUDA_TRY(p.keyIsTransposed ? headProductTransposed(work, p.kB, p.prepare)
                                      : headProduct(work, p.kB, p.prepare));
    AttentionParts parts;
    PONDER_CUDA_TRY(attendParts(p.attention, room, work.stream, parts));
    return parts.needsCombine() ? headProduct(work, p.vB, parts.arguments)
                                : headProduct(work, p.vB);
}

} // namespace ponder::kernels::cuda
