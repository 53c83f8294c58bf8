#include "kernels/cuda/attention/absorbed.h"

#include <algorithm>

#include "kernels/cuda/attention/rows.h"

namespace ponder::kernels::cuda {

std::size_t absorbedAttentionMemory(const AbsorbedAttention& p)
{
    return std::max(
        p.keyIsTransposed ? 0 : headProductMemory(p.keyUp), headProductMemory(p.valueUp));
}

Status absorbedAttention(const Work& work, const AbsorbedAttention& p, const AttentionRoom& room)
{
    PONDER_CUDA_TRY(p.keyIsTransposed ? headProductTransposed(work, p.keyUp, p.prepare)
                                      : headProduct(work, p.keyUp, p.prepare));
    AttentionParts parts;
    PONDER_CUDA_TRY(attendParts(p.attention, room, work.stream, parts));
    return parts.needsJoin() ? headProduct(work, p.valueUp, parts.arguments)
                             : headProduct(work, p.valueUp);
}

} // namespace ponder::kernels::cuda
