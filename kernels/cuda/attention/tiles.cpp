#include "kernels/cuda/attention/tiles.h"

#include <algorithm>
#include <cstdint>

namespace ponder::kernels::cuda {

namespace {

constexpr std::size_t kFewTokens = 8; // decoding: exact queries and weights

bool isLatent(const AttentionStep& step)
{
    return step.keys.cols == 576 && step.values.cols == 512 && step.keys.heads == 1
        && step.keys.data == step.values.data;
}

bool isPair(const AttentionStep& step, std::size_t keyDim, std::size_t valueDim)
{
    return step.keys.cols == keyDim && step.values.cols == valueDim
        && step.keys.data != step.values.data;
}

bool isAligned(const void* data, std::size_t strideBytes, std::size_t otherBytes)
{
    return reinterpret_cast<std::uintptr_t>(data) % 16 == 0 && strideBytes % 16 == 0
        && otherBytes % 16 == 0;
}

unsigned rowsOf(TileRows rows)
{
    return rows == TileRows::Few ? 16 : rows == TileRows::Some ? 32 : 64;
}

} // namespace

bool tilesFit(const AttentionStep& step)
{
    const auto cacheAligned = [](const CacheRows& c) {
        return isAligned(c.data, c.positionStride * 2, c.headStride * 2);
    };
    const auto rowsAligned = [](const ConstHeadRows& r) {
        return isAligned(r.data, r.tokenStride * 4, r.headStride * 4);
    };
    return step.keys.type == CacheType::Bf16
        && (isLatent(step) || isPair(step, 64, 64) || isPair(step, 128, 128)
            || isPair(step, 192, 128))
        && cacheAligned(step.keys) && cacheAligned(step.values) && rowsAligned(step.q)
        && rowsAligned(step.out);
}

TileRows tileRows(const AttentionStep& step)
{
    const std::size_t rows = step.q.tokens * step.q.heads / step.keys.heads;
    if (step.q.tokens > kFewTokens)
        return TileRows::Many;
    return rows > 16 && isLatent(step) ? TileRows::Some : TileRows::Few;
}

AttentionCut tilesCut(const AttentionStep& step, int multiprocessors)
{
    const unsigned rows = rowsOf(tileRows(step));
    AttentionCut cut;
    cut.group = static_cast<unsigned>(step.q.heads / step.keys.heads);
    cut.rows = static_cast<unsigned>(step.q.tokens) * cut.group;
    cut.rowBlocks = (cut.rows + rows - 1) / rows;
    cut.tile = 32;
    // A multiprocessor holds one block over latents, two over smaller heads.
    const unsigned blocks = cut.rowBlocks * static_cast<unsigned>(step.keys.heads);
    const unsigned places = static_cast<unsigned>(multiprocessors) * (isLatent(step) ? 1 : 2);
    cut.shares = std::clamp(places / blocks, 1U, kMostShares);
    return cut;
}

Status tilesAttention(const AttentionArguments& a, cudaStream_t stream)
{
    const TileRows rows = tileRows(a.step);
    if (isLatent(a.step))
        return latentTiles(a, rows, stream);
    if (a.step.keys.cols == 64)
        return tiles64(a, rows, stream);
    return a.step.keys.cols == 128 ? tiles128(a, rows, stream) : tiles192(a, rows, stream);
}

} // namespace ponder::kernels::cuda
