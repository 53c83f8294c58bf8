#pragma once

#include "kernels/cuda/attention/rows.h"

namespace ponder::kernels::cuda {

/// Attention with tensor cores over a cache in bf16, or in Fp8, whose tiles are made bf16 in shared memory:
/// some head sizes, aligned to 16 bytes. One source an instance, since each takes its time to compile. They say how they cut a step …
[[nodiscard]] bool tilesFit(const AttentionStep& step, const DeviceLimits& limits);
[[nodiscard]] AttentionCut tilesCut(const AttentionStep& step, const DeviceLimits& limits);
/// … and run it. Precondition: tilesFit().
Status tilesAttention(const AttentionArguments& a, const DeviceLimits& limits, cudaStream_t stream);

/// How many query rows a block has; where it is not many, queries and weights are kept in two parts, which
/// loses nothing of them.
enum class TileRows { Few, Some, Many };
[[nodiscard]] TileRows tileRows(const AttentionStep& step);

Status latentTiles(const AttentionArguments& a, TileRows rows, std::size_t shared,
    cudaStream_t stream); ///< 576, 512
Status tiles64(const AttentionArguments& a, TileRows rows, std::size_t shared,
    cudaStream_t stream); ///< 64, 64
Status tiles128(const AttentionArguments& a, TileRows rows, std::size_t shared,
    cudaStream_t stream); ///< 128, 128
Status packedLatentTiles(
    const AttentionArguments& a, TileRows rows, std::size_t shared, cudaStream_t stream);
Status packedTiles64(
    const AttentionArguments& a, TileRows rows, std::size_t shared, cudaStream_t stream);
Status packedTiles128(
    const AttentionArguments& a, TileRows rows, std::size_t shared, cudaStream_t stream);
Status tiles192(const AttentionArguments& a, TileRows rows, std::size_t shared,
    cudaStream_t stream); ///< 192, 128

} // namespace ponder::kernels::cuda
