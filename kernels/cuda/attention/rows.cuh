#pragma once

#include "kernels/cuda/attention/rows.h"
#include "kernels/cuda/device.h"

// What blocks know of their rows and positions.

namespace ponder::kernels::cuda {

/// A row's partial result: its largest score (before the scale's exponential), its sum of weights, 0
/// where it saw nothing, and the weighted values.
struct Partial {
    float* max;
    float* sum;
    float* values; // [valueDim]
};

__device__ __forceinline__ Partial partial(
    const AttentionArguments& a, unsigned split, unsigned kvHead, unsigned row)
{
    const std::size_t rows = std::size_t{a.cut.rows} * a.step.keys.heads;
    const std::size_t all = rows * a.cut.splits;
    const std::size_t at = split * rows + kvHead * std::size_t{a.cut.rows} + row;
    return {a.partials + at, a.partials + all + at, a.partials + 2 * all + at * a.step.values.cols};
}

/// Whether a block's results are a row's, or wait for other splits or pieces.
__device__ __forceinline__ bool isWhole(const AttentionArguments& a)
{
    return a.cut.splits == 1 && a.step.ends;
}

/// Rows begin .. end - 1 of the cache.
struct Span {
    unsigned begin, end;
};

/// What a token of the batch sees of the cache's rows.
__device__ __forceinline__ Span seenBy(const AttentionStep& step, unsigned token)
{
    const unsigned end = static_cast<unsigned>(step.state->position) + token + 1;
    const auto window = static_cast<unsigned>(step.window);
    const unsigned begin = window > 0 && end > window ? end - window : 0;
    const auto first = static_cast<unsigned>(step.firstPosition);
    const auto rows = static_cast<unsigned>(step.keys.positions);
    const auto rowOf = [&](unsigned position) {
        return position < first ? 0 : position - first < rows ? position - first : rows;
    };
    return {rowOf(begin), rowOf(end)};
}

/// What the rows first .. last of a kv head see, taken together.
__device__ __forceinline__ Span seenByRows(
    const AttentionArguments& a, unsigned first, unsigned last)
{
    return {seenBy(a.step, first / a.cut.group).begin, seenBy(a.step, last / a.cut.group).end};
}

/// A split of them, cut at whole tiles; empty for the last splits of a short text.
__device__ __forceinline__ Span splitOf(const AttentionCut& cut, Span all, unsigned split)
{
    const unsigned tiles = (all.end - all.begin + cut.tile - 1) / cut.tile;
    const unsigned each = (tiles + cut.splits - 1) / cut.splits * cut.tile;
    const unsigned begin = all.begin + split * each;
    return {begin < all.end ? begin : all.end, begin + each < all.end ? begin + each : all.end};
}

/// What a row's weighted values are multiplied by in the end; the sink takes its share.
__device__ __forceinline__ float finishFactor(
    const AttentionStep& step, unsigned head, float max, float sum)
{
    if (step.sinks == nullptr)
        return 1.0f / sum;
    const float sink = step.sinks[head];
    const float largest = sink > max ? sink : max;
    const float a = expf(max - largest);
    return a / (sum * a + expf(sink - largest));
}

} // namespace ponder::kernels::cuda
