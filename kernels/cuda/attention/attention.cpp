#include "kernels/cuda/attention/attention.h"

#include <algorithm>
#include <cassert>

#include "kernels/cuda/attention/rows.h"
#include "kernels/cuda/attention/tiles.h"

namespace ponder::kernels::cuda {

namespace {

// The most rows of partial results that any cut leaves: blocks are cut so that all of them together
// are about two waves, and a block has up to this many rows.
constexpr std::size_t kMaxRowsOfBlock = 64;

std::size_t floatsFor(
    std::size_t tokens, std::size_t heads, std::size_t valueDim, int multiprocessors)
{
    const auto blocks = 2 * static_cast<std::size_t>(std::max(1, multiprocessors));
    return std::min(blocks * kMaxRowsOfBlock, blocks * tokens * heads) * (valueDim + 2);
}

} // namespace

std::size_t AttentionWorkspace::bytes(
    std::size_t tokens, std::size_t heads, std::size_t valueDim, int multiprocessors)
{
    return floatsFor(tokens, heads, valueDim, multiprocessors) * sizeof(float);
}

Outcome<AttentionWorkspace> AttentionWorkspace::create(
    std::size_t tokens, std::size_t heads, std::size_t valueDim, const DeviceLimits& limits)
{
    auto partials
        = DeviceArray<float>::create(floatsFor(tokens, heads, valueDim, limits.multiprocessors));
    if (!partials)
        return tl::unexpected(partials.error());
    AttentionWorkspace workspace;
    workspace.m_partials = std::move(*partials);
    workspace.m_limits = limits;
    workspace.m_limits.multiprocessors = std::max(1, limits.multiprocessors);
    return workspace;
}

bool attentionFits(const CacheRows& keys, const CacheRows& values, const DeviceLimits& limits)
{
    // Tiles need less; but what has none of its own, and what is not aligned, goes without.
    return plainShared(keys, values) <= limits.mostShared();
}

Status attention(const AttentionStep& p, const AttentionWorkspace& workspace, cudaStream_t stream)
{
    return attention(p, workspace.room(), stream);
}

Status attention(const AttentionStep& p, const AttentionRoom& room, cudaStream_t stream)
{
    AttentionParts parts;
    PONDER_CUDA_TRY(attendParts(p, room, stream, parts));
    return parts.needsCombine() ? combineSplits(parts.arguments, stream) : Status{};
}

Status attendParts(
    const AttentionStep& p, const AttentionRoom& room, cudaStream_t stream, AttentionParts& parts)
{
    assert(p.q.tokens > 0 && p.keys.heads > 0 && p.q.heads % p.keys.heads == 0);
    assert(p.q.cols == p.keys.cols && p.out.cols == p.values.cols);
    assert(p.values.heads == p.keys.heads && p.values.type == p.keys.type);
    assert(p.out.tokens == p.q.tokens && p.out.heads == p.q.heads);
    const bool tiled = tilesFit(p, room.limits);
    if (!tiled && plainShared(p.keys, p.values) > room.limits.mostShared())
        return {cudaErrorInvalidConfiguration, "attention"}; // attentionFits() was not asked
    AttentionArguments& arguments = parts.arguments;
    arguments = {
        p, tiled ? tilesCut(p, room.limits) : plainCut(p, room.limits.multiprocessors), room.data};
    AttentionCut& cut = arguments.cut;
    const std::size_t most = room.floats / partialFloats(1, cut.rows, p.keys.heads, p.values.cols);
    cut.splits = static_cast<unsigned>(std::clamp<std::size_t>(most, 1, cut.splits));
    assert((p.begins && p.ends) || most > 0);
    return tiled ? tilesAttention(arguments, room.limits, stream)
                 : plainAttention(arguments, stream);
}

} // namespace ponder::kernels::cuda
