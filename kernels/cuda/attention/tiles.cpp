#include "kernels/cuda/attention/tiles.h"

#include <algorithm>
#include <cstdint>

#include "kernels/cuda/attention/tile_shape.h"

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

bool isAligned(const ConstHeadRows& r)
{
    return reinterpret_cast<std::uintptr_t>(r.data) % 16 == 0 && r.tokenStride % 4 == 0
        && r.headStride % 4 == 0;
}

/// Bf16 rows aligned to 16 bytes; Fp8 rows packed, with this many columns in bf16 after the others.
bool isFit(const CacheRows& c, std::size_t rowCols, std::size_t fine)
{
    const auto at = reinterpret_cast<std::uintptr_t>(c.data);
    switch (c.type) {
    case CacheType::Bf16:
        return at % 16 == 0 && c.positionBytes % 16 == 0 && c.headBytes % 16 == 0;
    case CacheType::Fp8: {
        const std::size_t row = CacheRow::bytes(c.type, rowCols, fine);
        return c.coarse == rowCols - fine && c.positionBytes == row
            && (row % 16 == 0 ? (at | c.headBytes) % 16 : (at | c.headBytes) % 4) == 0;
    }
    case CacheType::F32:
        break;
    }
    return false;
}

template <CacheType type> unsigned latentRows(TileRows rows, std::size_t shared)
{
    return rows == TileRows::Few ? LatentFew<type>::rowsWithin(shared)
        : rows == TileRows::Some ? LatentSome<type>::rowsWithin(shared)
                                 : LatentMany<type>::rowsWithin(shared);
}

template <CacheType type> unsigned pairRows(std::size_t keyDim, bool many, std::size_t shared)
{
    if (keyDim == 64)
        return many ? Many64<type>::rowsWithin(shared) : Few64<type>::rowsWithin(shared);
    return many ? Many128<type>::rowsWithin(shared) : Few128<type>::rowsWithin(shared);
}

/// Rows of a block; 0: no shape fits. Precondition: hasTiles().
unsigned rowsOf(const AttentionStep& step, std::size_t shared)
{
    const TileRows rows = tileRows(step);
    const bool packed = step.keys.type == CacheType::Fp8;
    if (isLatent(step))
        return packed ? latentRows<CacheType::Fp8>(rows, shared)
                      : latentRows<CacheType::Bf16>(rows, shared);
    const bool many = rows == TileRows::Many;
    if (step.keys.cols == 192)
        return many ? Many192::rowsWithin(shared) : Few192::rowsWithin(shared);
    return packed ? pairRows<CacheType::Fp8>(step.keys.cols, many, shared)
                  : pairRows<CacheType::Bf16>(step.keys.cols, many, shared);
}

bool hasTiles(const AttentionStep& step)
{
    if (!isAligned(step.q) || !isAligned(step.out))
        return false;
    if (isLatent(step))
        return isFit(step.keys, 576, 64) && isFit(step.values, 576, 64);
    const bool known = isPair(step, 64, 64) || isPair(step, 128, 128)
        || (isPair(step, 192, 128) && step.keys.type == CacheType::Bf16);
    return known && isFit(step.keys, step.keys.cols, 0) && isFit(step.values, step.values.cols, 0);
}

} // namespace

bool tilesFit(const AttentionStep& step, const DeviceLimits& limits)
{
    return hasTiles(step) && rowsOf(step, limits.mostShared()) > 0;
}

TileRows tileRows(const AttentionStep& step)
{
    const std::size_t rows = step.q.tokens * step.q.heads / step.keys.heads;
    if (step.q.tokens > kFewTokens)
        return TileRows::Many;
    return rows > 16 && isLatent(step) ? TileRows::Some : TileRows::Few;
}

AttentionCut tilesCut(const AttentionStep& step, const DeviceLimits& limits)
{
    const unsigned rows = rowsOf(step, limits.mostShared());
    AttentionCut cut;
    cut.group = static_cast<unsigned>(step.q.heads / step.keys.heads);
    cut.rows = static_cast<unsigned>(step.q.tokens) * cut.group;
    cut.rowBlocks = (cut.rows + rows - 1) / rows;
    cut.tile = 32;
    // A multiprocessor holds one block over latents, two over smaller heads.
    const unsigned blocks = cut.rowBlocks * static_cast<unsigned>(step.keys.heads);
    const unsigned places
        = static_cast<unsigned>(limits.multiprocessors) * (isLatent(step) ? 1 : 2);
    cut.splits = std::clamp(places / blocks, 1U, kMaxSplits);
    return cut;
}

Status tilesAttention(const AttentionArguments& a, const DeviceLimits& limits, cudaStream_t stream)
{
    const std::size_t shared = limits.mostShared();
    const TileRows rows = tileRows(a.step);
    const bool packed = a.step.keys.type == CacheType::Fp8;
    if (isLatent(a.step))
        return packed ? packedLatentTiles(a, rows, shared, stream)
                      : latentTiles(a, rows, shared, stream);
    if (a.step.keys.cols == 64)
        return packed ? packedTiles64(a, rows, shared, stream) : tiles64(a, rows, shared, stream);
    if (a.step.keys.cols == 128)
        return packed ? packedTiles128(a, rows, shared, stream) : tiles128(a, rows, shared, stream);
    return tiles192(a, rows, shared, stream);
}

} // namespace ponder::kernels::cuda
