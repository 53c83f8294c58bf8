#include "engine/backend/cpu/cpu_mla.h"

#include <cstring>

#include "engine/backend/weight_views.h"
#include "kernels/cpu/matmul/matmul.h"
#include "kernels/cpu/norm/rms_norm.h"

namespace ponder {

using kernels::ConstFloatRows;
using kernels::ConstHeadRows;
using kernels::FloatRows;
using kernels::HeadRows;

/// [tokens, heads, nope + rope], not yet rotated.
HeadRows CpuMla::query(const CpuStep& step, const MlaAttention& a)
{
    const HeadRows q = m_query.heads(step.tokens, a.heads, a.nopeHeadDim + a.ropeHeadDim);
    if (!a.qA) {
        kernels::matmul(step.cpu, weightView(a.qB), step.input, flat(q));
        return q;
    }
    const FloatRows latent = m_queryLatent.rows(step.tokens, a.qA.rows);
    kernels::matmul(step.cpu, weightView(a.qA), step.input, latent);
    kernels::rmsNorm(step.cpu, latent, a.qANorm, step.normEpsilon, latent);
    m_inner.pack(step.cpu, ConstFloatRows(latent));
    kernels::matmul(step.cpu, weightView(a.qB), m_inner, flat(q));
    return q;
}

/// Writes the batch's rows of the cache: the normalised latent and the rotated key.
void CpuMla::appendLatents(const CpuStep& step, const MlaAttention& a)
{
    const std::size_t length = step.keys.cols;
    float* first = step.keys.at(step.position, 0);
    kernels::matmul(step.cpu, weightView(a.kvA), step.input, FloatRows{first, step.tokens, length});
    const FloatRows latent{first, step.tokens, a.kvLoraRank, length};
    kernels::rmsNorm(step.cpu, latent, a.kvANorm, step.normEpsilon, latent);
    kernels::rope(step.cpu, step.angles, kernels::RopeLayout::Interleaved,
        HeadRows{first + a.kvLoraRank, step.tokens, 1, a.ropeHeadDim, length, length});
}

/// Takes the query into the latent space: absorbed[t, h] = [k_b(h) q_nope | rotated q_rope].
void CpuMla::absorb(
    const CpuStep& step, const MlaAttention& a, const HeadRows& query, const HeadRows& absorbed)
{
    const HeadRows nope = part(query, 0, a.nopeHeadDim);
    const HeadRows latent = part(absorbed, 0, a.kvLoraRank);
    if (a.kB) {
        m_inner.packHeads(step.cpu, ConstHeadRows(nope));
        kernels::matmulHeads(step.cpu, weightStack(a.kB), m_inner, latent);
    } else {
        kernels::matmulHeadsTransposed(
            step.cpu, weightStack(a.kvB, 0, a.nopeHeadDim), ConstHeadRows(nope), latent);
    }
    const HeadRows rotated = part(absorbed, a.kvLoraRank, a.ropeHeadDim);
    for (std::size_t t = 0; t < step.tokens; ++t) {
        for (std::size_t h = 0; h < a.heads; ++h)
            std::memcpy(
                rotated.at(t, h), query.at(t, h) + a.nopeHeadDim, a.ropeHeadDim * sizeof(float));
    }
    kernels::rope(step.cpu, step.angles, kernels::RopeLayout::Interleaved, rotated);
}

/// out[t, h] = v_b(h) latents[t, h]
void CpuMla::values(
    const CpuStep& step, const MlaAttention& a, const HeadRows& latents, const HeadRows& out)
{
    m_inner.packHeads(step.cpu, ConstHeadRows(latents));
    const auto up = a.vB ? weightStack(a.vB) : weightStack(a.kvB, a.nopeHeadDim, a.valueHeadDim);
    kernels::matmulHeads(step.cpu, up, m_inner, out);
}

HeadRows CpuMla::run(const CpuStep& step, const MlaAttention& a)
{
    appendLatents(step, a);
    const HeadRows absorbed = m_absorbed.heads(step.tokens, a.heads, a.kvLoraRank + a.ropeHeadDim);
    absorb(step, a, query(step, a), absorbed);
    const HeadRows latents = m_latents.heads(step.tokens, a.heads, a.kvLoraRank);
    m_attention.run(step.cpu,
        {.q = ConstHeadRows(absorbed),
            .keys = step.keys,
            .values = part(step.keys, 0, a.kvLoraRank),
            .firstPosition = step.position,
            .scale = a.softmaxScale,
            .out = latents});
    const HeadRows heads = m_values.heads(step.tokens, a.heads, a.valueHeadDim);
    values(step, a, latents, heads);
    return heads;
}

} // namespace ponder
