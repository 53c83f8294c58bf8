#pragma once

#include "engine/backend/cpu/cpu_step.h"
#include "engine/model/network.h"
#include "kernels/cpu/attention/attention.h"

namespace ponder {

/// Multi-head latent attention on the processor, in absorbed form. Keeps its working memory from
/// call to call; one thread uses it at a time.
class CpuMla {
public:
    /// Appends the batch's latents to the cache and attends. Returns [tokens, heads, valueHeadDim],
    /// what the output matrix takes, valid until the next call.
    [[nodiscard]] kernels::HeadRows run(const CpuStep& step, const MlaAttention& a);

private:
    void appendLatents(const CpuStep& step, const MlaAttention& a);
    kernels::HeadRows query(const CpuStep& step, const MlaAttention& a);
    void absorb(const CpuStep& step, const MlaAttention& a, const kernels::HeadRows& query,
        const kernels::HeadRows& absorbed);
    void values(const CpuStep& step, const MlaAttention& a, const kernels::HeadRows& latents,
        const kernels::HeadRows& out);

    kernels::Attention m_attention;
    Buffer m_queryLatent, m_query, m_absorbed, m_latents, m_values;
    kernels::Activations m_inner;
};

} // namespace ponder
