#include "engine/backend/cpu/cpu_gqa.h"

#include <algorithm>

#include "engine/backend/weight_views.h"
#include "kernels/cpu/elementwise/elementwise.h"
#include "kernels/cpu/matmul/matmul.h"
#include "kernels/cpu/norm/rms_norm.h"

namespace ponder {
namespace {

using kernels::ConstHeadRows;
using kernels::FloatRows;
using kernels::HeadRows;

/// out = matrix x + bias, of all heads at once.
void project(
    const CpuStep& step, const WeightMatrix& matrix, const WeightVector& bias, const HeadRows& out)
{
    kernels::matmul(step.cpu, weightView(matrix), step.input, flat(out));
    if (!bias.empty())
        kernels::addToRows(step.cpu, bias, flat(out));
}

/// Every head's RMS norm, where there is one, and its rotation.
void prepare(
    const CpuStep& step, const GqaAttention& a, const WeightVector& norm, const HeadRows& heads)
{
    if (!norm.empty()) {
        const FloatRows rows(heads.data, heads.tokens * heads.heads, heads.cols);
        kernels::rmsNorm(step.cpu, rows, norm, step.normEpsilon, rows);
    }
    kernels::rope(step.cpu, step.angles, a.rope.layout, part(heads, 0, a.rope.dim));
}

/// Copies a batch's rows to where the cache keeps them.
void append(const CpuStep& step, const HeadRows& rows, const HeadRows& cache)
{
    constexpr std::size_t kTokensPerTask = 32;
    step.cpu.pool().parallelFor(
        rows.tokens, kTokensPerTask, [&](std::size_t begin, std::size_t end, std::size_t) {
            for (std::size_t t = begin; t < end; ++t) {
                for (std::size_t h = 0; h < rows.heads; ++h)
                    std::copy_n(rows.at(t, h), rows.cols, cache.at(step.position + t, h));
            }
        });
}

} // namespace

HeadRows CpuGqa::run(const CpuStep& step, const GqaAttention& a)
{
    const HeadRows query = m_query.heads(step.tokens, a.heads, a.keyDim);
    const HeadRows keys = m_keys.heads(step.tokens, a.kvHeads, a.keyDim);
    const HeadRows values = m_newValues.heads(step.tokens, a.kvHeads, a.valueDim);
    project(step, a.query, a.queryBias, query);
    project(step, a.key, a.keyBias, keys);
    project(step, a.value, a.valueBias, values);
    prepare(step, a, a.queryNorm, query);
    prepare(step, a, a.keyNorm, keys);
    append(step, keys, step.keys);
    append(step, values, step.values);
    const HeadRows out = m_values.heads(step.tokens, a.heads, a.valueDim);
    m_attention.run(step.cpu,
        {.q = ConstHeadRows(query),
            .keys = step.keys,
            .values = step.values,
            .firstPosition = step.position,
            .window = a.slidingWindow,
            .scale = a.softmaxScale,
            .sinks = a.sinks,
            .out = out});
    return out;
}

} // namespace ponder
