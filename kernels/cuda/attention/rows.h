#pragma once

#include "kernels/cuda/attention/attention.h"

// How an attention step is cut, shared by its kernels.
//
// The query rows that share a cached head are numbered token by token: row r of kv head g is head
// g * group + r % group of token r / group. A block has some consecutive rows, and one split of the
// positions that they see (split-KV attention). Where there are several splits, each writes a partial softmax
// (the largest score, the sum of weights, the weighted values), and combineSplits() combines them.

namespace ponder::kernels::cuda {

inline constexpr unsigned kMaxSplits = 512;

struct AttentionCut {
    unsigned group = 1; ///< heads that share a cached head
    unsigned rows = 0; ///< of a cached head: tokens * group
    unsigned rowBlocks = 0;
    unsigned splits = 1; ///< of the positions, up to kMaxSplits
    unsigned tile = 32; ///< positions that a block takes at once
};

/// Everything that the kernels of a step need, by value.
struct AttentionArguments {
    AttentionStep step;
    AttentionCut cut;
    float* partials = nullptr; ///< see partial()
};

/// Floats of the partial results of all splits: [splits][kvHeads * rows][valueDim + 2].
inline std::size_t partialFloats(
    std::size_t splits, std::size_t rows, std::size_t kvHeads, std::size_t valueDim)
{
    return splits * rows * kvHeads * (valueDim + 2);
}

/// attention() without combineSplits(), which the caller still has to do where parts.needsCombine().
struct AttentionParts {
    AttentionArguments arguments;
    [[nodiscard]] bool needsCombine() const
    {
        return arguments.cut.splits > 1 && arguments.step.ends;
    }
};
Status attendParts(
    const AttentionStep& p, const AttentionRoom& room, cudaStream_t stream, AttentionParts& parts);

/// Combines the splits of each row and divides by the sum; for steps with more than one split.
Status combineSplits(const AttentionArguments& a, cudaStream_t stream);

/// The step with plain multiplications: any dimensions, both cache types.
[[nodiscard]] AttentionCut plainCut(const AttentionStep& step, int multiprocessors);
/// Bytes of shared memory that its blocks have.
[[nodiscard]] std::size_t plainShared(const CacheRows& keys, const CacheRows& values);
Status plainAttention(const AttentionArguments& a, cudaStream_t stream);

} // namespace ponder::kernels::cuda
