#include <algorithm>

#include "engine/backend/cpu/cpu_step.h"
#include "engine/backend/gpu/device_step.h"
#include "kernels/cuda/attention/expand.h"

// A prompt's attention over keys and values of single heads, made out of the cache's latents some
// positions at a time.

namespace ponder {

using kernels::CacheType;
using kernels::FloatRows;
using kernels::HeadRows;
using kernels::WeightView;
using kernels::cuda::ProductArgs;
using PackedRows = kernels::cuda::CacheRows;

namespace {

PromptShape shapeOf(const DeviceMla& d, std::size_t tokens, std::size_t position)
{
    const MlaAttention& a = *d.shape;
    return {.tokens = tokens,
        .position = position,
        .heads = a.heads,
        .nopeDim = a.nopeHeadDim,
        .ropeDim = a.ropeHeadDim,
        .valueDim = a.valueHeadDim,
        .rank = a.kvLoraRank,
        .keysApart = !d.expansionHasKeys};
}

/// What keys and values are expanded to: exact where the cache is.
CacheType typeOf(const DeviceLayer& layer)
{
    return layer.keys.type == CacheType::F32 ? CacheType::F32 : CacheType::Bf16;
}

FloatRows wholeFours(float* data, std::size_t count, std::size_t cols)
{
    return {data, count, cols, (cols + 3) / 4 * 4};
}

/// Columns first … of rows, head after head.
HeadRows headsOf(const FloatRows& rows, std::size_t heads, std::size_t headStride,
    std::size_t first, std::size_t cols)
{
    return {rows.data + first, rows.rows, heads, cols, rows.stride, headStride};
}

} // namespace

std::optional<Expansion> DeviceStep::expansionFor(
    const DeviceLayer& layer, const DeviceMla& d, std::size_t tokens, std::size_t position) const
{
    if (d.expansion.rows == 0 || tokens < m_prompt.fewestTokens
        || tokens <= kernels::cuda::kMaxDecodeTokens)
        return std::nullopt;
    // When measuring, the most positions that there may be.
    const PromptShape shape
        = shapeOf(d, tokens, m_queue.measures() ? m_prompt.mostPositions : position);
    const PromptCost cost = promptCost(shape);
    if (!m_queue.measures() && m_prompt.weighsCost && cost.latents <= cost.expanded)
        return std::nullopt;
    Expansion e = divideExpansion(shape, kernels::CacheRow::bytes(typeOf(layer), 1),
        m_prompt.mostPositions, m_buffers.expansion, m_buffers.expansionBytes);
    if (e.positions < std::min(position + tokens, m_prompt.fewestPositions))
        return std::nullopt;
    e.partials.limits = m_workspace.room().limits;
    return e;
}

void DeviceStep::attendExpanded(const DeviceLayer& layer, const DeviceMla& d, std::size_t tokens,
    std::size_t position, const Expansion& room)
{
    const MlaAttention& a = *d.shape;
    const CacheType type = typeOf(layer);
    const std::size_t keyDim = std::size_t{a.nopeHeadDim} + a.ropeHeadDim;
    const HeadRows query{m_buffers.query, tokens, a.heads, keyDim, a.heads * keyDim, keyDim};
    m_queue.run([&] { // queries are turned in place
        return kernels::cuda::prepareMla(
            prepare(layer, d, tokens, part(query, a.nopeHeadDim, a.ropeHeadDim)), m_queue.stream());
    });

    WeightView kB;
    if (!d.expansionHasKeys) {
        kB.type = type == CacheType::F32 ? kernels::TensorType::F32 : kernels::TensorType::BF16;
        kB.data = static_cast<const std::byte*>(room.keyWeights);
        kB.rows = std::size_t{a.heads} * a.nopeHeadDim;
        kB.cols = a.kvLoraRank;
        kB.rowStride = kernels::CacheRow::bytes(type, a.kvLoraRank);
        m_queue.run([&] {
            return kernels::cuda::transposeStack(
                {d.kB, a.heads, kB.type, room.keyWeights}, m_queue.stream());
        });
    }
    const std::size_t seen = m_queue.measures() ? room.positions : position + tokens;
    for (std::size_t first = 0; first < seen; first += room.positions) {
        const std::size_t count = std::min(room.positions, seen - first);
        const FloatRows latents = wholeFours(room.latents, count, a.kvLoraRank);
        m_queue.run([&] {
            return kernels::cuda::unpackRows(layer.keys, first, latents, m_queue.stream());
        });
        ProductArgs expand;
        expand.x = latents;
        HeadRows keys, values;
        const FloatRows products = wholeFours(room.products, count, d.expansion.rows);
        expand.parts[0] = {.w = d.expansion, .y = products};
        if (d.expansionHasKeys) {
            const std::size_t head = std::size_t{a.nopeHeadDim} + a.valueHeadDim;
            keys = headsOf(products, a.heads, head, 0, a.nopeHeadDim);
            values = headsOf(products, a.heads, head, a.nopeHeadDim, a.valueHeadDim);
        } else {
            const FloatRows made
                = wholeFours(products.data + count * products.stride, count, kB.rows);
            expand.partCount = 2;
            expand.parts[1] = {.w = kB, .y = made};
            keys = headsOf(made, a.heads, a.nopeHeadDim, 0, a.nopeHeadDim);
            values = headsOf(products, a.heads, a.valueHeadDim, 0, a.valueHeadDim);
        }
        m_queue.product(expand);
        const auto packedKeys = PackedRows::packed(type, room.keys, count, a.heads, keyDim);
        const auto packedValues
            = PackedRows::packed(type, room.values, count, a.heads, a.valueHeadDim);
        m_queue.run([&] {
            return kernels::cuda::packExpanded({.keys = keys,
                                                   .values = values,
                                                   .latents = layer.keys,
                                                   .rank = a.kvLoraRank,
                                                   .first = first,
                                                   .packedKeys = packedKeys,
                                                   .packedValues = packedValues},
                m_queue.stream());
        });
        const HeadRows out{m_buffers.heads, tokens, a.heads, a.valueHeadDim,
            std::size_t{a.heads} * a.valueHeadDim, a.valueHeadDim};
        m_queue.run([&] {
            return kernels::cuda::attention({.q = query,
                                                .keys = packedKeys,
                                                .values = packedValues,
                                                .state = m_buffers.input.state,
                                                .scale = a.softmaxScale,
                                                .out = out,
                                                .firstPosition = first,
                                                .begins = first == 0,
                                                .ends = first + count == seen},
                room.partials, m_queue.stream());
        });
    }
}

} // namespace ponder
