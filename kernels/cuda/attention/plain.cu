#include "kernels/cuda/attention/rows.cuh"

#include <algorithm>

#include "kernels/cuda/attention/cache_row.cuh"
#include "kernels/cuda/device/numbers.h"
#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/device/warp.h"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

namespace {

constexpr unsigned kThreads = 128;
constexpr unsigned kWarps = kThreads / kWarpSize;
constexpr unsigned kRows = 8; // of a block
constexpr unsigned kRowsPerWarp = kRows / kWarps;
constexpr unsigned kTile = kWarpSize; // positions; one a lane

// Shared: queries [kRows, keyDim], keys [kTile, keyDim + 1], values [kTile, valueDim + 1] unless they lie
// in the keys, weights [kRows, kTile], and three numbers a row.
struct Room {
    float* queries;
    float* keys;
    float* values;
    float* weights;
    float* max;
    float* sum;
    float* shrink;
    unsigned keyStride, valueStride;
};

std::size_t sharedFloats(std::size_t keyDim, std::size_t valueDim, bool together)
{
    return kRows * keyDim + kTile * (keyDim + 1) + (together ? 0 : kTile * (valueDim + 1))
        + kRows * kTile + 3 * kRows;
}

__device__ Room roomIn(float* shared, unsigned keyDim, unsigned valueDim, bool together)
{
    Room room{};
    room.queries = shared;
    room.keys = room.queries + kRows * keyDim;
    room.keyStride = keyDim + 1;
    float* next = room.keys + kTile * room.keyStride;
    room.values = room.keys;
    room.valueStride = room.keyStride;
    if (!together) {
        room.values = next;
        room.valueStride = valueDim + 1;
        next += kTile * room.valueStride;
    }
    room.weights = next;
    room.max = room.weights + kRows * kTile;
    room.sum = room.max + kRows;
    room.shrink = room.sum + kRows;
    return room;
}

template <CacheType kType>
__device__ void loadTile(const CacheRows& cache, unsigned kvHead, unsigned first, unsigned count,
    unsigned stride, float* tile)
{
    const auto cols = static_cast<unsigned>(cache.cols);
    const auto coarse = static_cast<unsigned>(cache.coarse);
    for (unsigned i = threadIdx.x; i < count * cols; i += kThreads) {
        const unsigned p = i / cols;
        tile[p * stride + i % cols]
            = numberOf<kType>(rowOf(cache, first + p, kvHead), i % cols, coarse);
    }
}

// A warp's rows against the tile: the weights, and what the rows' values so far are to be shrunk by.
__device__ void weigh(const AttentionArguments& a, const Room& room, unsigned firstRow,
    unsigned rows, unsigned first, unsigned count)
{
    const unsigned warp = threadIdx.x / kWarpSize;
    const unsigned lane = threadIdx.x % kWarpSize;
    const auto keyDim = static_cast<unsigned>(a.step.keys.cols);
    float scores[kRowsPerWarp] = {};
    const float* key = room.keys + lane * room.keyStride;
    const float* queries = room.queries + warp * kRowsPerWarp * keyDim;
    if (lane < count) {
        for (unsigned i = 0; i < keyDim; ++i) {
            PONDER_UNROLL
            for (unsigned r = 0; r < kRowsPerWarp; ++r)
                scores[r] = __fmaf_rn(queries[r * keyDim + i], key[i], scores[r]);
        }
    }
    PONDER_UNROLL
    for (unsigned r = 0; r < kRowsPerWarp; ++r) {
        const unsigned local = warp * kRowsPerWarp + r;
        bool seen = false;
        if (local < rows && lane < count) {
            const Span span = seenBy(a.step, (firstRow + local) / a.cut.group);
            seen = first + lane >= span.begin && first + lane < span.end;
        }
        const float score = seen ? scores[r] * a.step.scale : -kInfinity;
        const float before = room.max[local];
        const float tileMax = warpMax(score);
        const float largest = before > tileMax ? before : tileMax;
        const float weight = seen ? expf(score - largest) : 0.0f;
        const float sum = warpSum(weight);
        room.weights[local * kTile + lane] = weight;
        if (lane == 0) {
            const float shrink = room.sum[local] == 0 ? 0.0f : expf(before - largest);
            room.shrink[local] = shrink;
            room.sum[local] = room.sum[local] * shrink + sum;
            room.max[local] = largest;
        }
    }
}

// [row blocks, splits, kvHeads] blocks. kCols: value columns a thread, at least valueDim / kThreads.
template <CacheType kType, unsigned kCols>
__global__ void __launch_bounds__(kThreads) attendPlainly(AttentionArguments a)
{
    PONDER_SHARED_DYNAMIC(float, shared);
    const AttentionStep& step = a.step;
    const auto keyDim = static_cast<unsigned>(step.keys.cols);
    const auto valueDim = static_cast<unsigned>(step.values.cols);
    const unsigned kvHead = blockIdx.z;
    const unsigned firstRow = blockIdx.x * kRows;
    const unsigned rows = a.cut.rows - firstRow < kRows ? a.cut.rows - firstRow : kRows;
    const bool together = step.values.data == step.keys.data;
    const Room room = roomIn(shared, keyDim, valueDim, together);
    waitForPrevious();
    letNextStart();
    const Span span = splitOf(a.cut, seenByRows(a, firstRow, firstRow + rows - 1), blockIdx.y);
    for (unsigned i = threadIdx.x; i < kRows * keyDim; i += kThreads) {
        const unsigned row = firstRow + i / keyDim;
        const float* q = step.q.data + row / a.cut.group * step.q.tokenStride
            + (kvHead * a.cut.group + row % a.cut.group) * step.q.headStride;
        room.queries[i] = i / keyDim < rows ? q[i % keyDim] : 0.0f;
    }
    if (threadIdx.x < kRows) {
        room.max[threadIdx.x] = -kInfinity;
        room.sum[threadIdx.x] = 0;
        if (!step.begins && threadIdx.x < rows) {
            const Partial part = partial(a, blockIdx.y, kvHead, firstRow + threadIdx.x);
            room.max[threadIdx.x] = *part.max;
            room.sum[threadIdx.x] = *part.sum;
        }
    }
    float out[kRows][kCols] = {};
    PONDER_UNROLL
    for (unsigned r = 0; r < kRows; ++r) {
        if (step.begins || r >= rows)
            break;
        const Partial part = partial(a, blockIdx.y, kvHead, firstRow + r);
        if (*part.sum == 0)
            continue; // it has no numbers
        PONDER_UNROLL
        for (unsigned c = 0; c < kCols; ++c) {
            const unsigned col = c * kThreads + threadIdx.x;
            out[r][c] = col < valueDim ? part.values[col] : 0.0f;
        }
    }
    for (unsigned first = span.begin; first < span.end; first += kTile) {
        const unsigned count = span.end - first < kTile ? span.end - first : kTile;
        __syncthreads();
        loadTile<kType>(step.keys, kvHead, first, count, room.keyStride, room.keys);
        if (!together)
            loadTile<kType>(step.values, kvHead, first, count, room.valueStride, room.values);
        __syncthreads();
        weigh(a, room, firstRow, rows, first, count);
        __syncthreads();
        PONDER_UNROLL
        for (unsigned r = 0; r < kRows; ++r) {
            const float shrink = room.shrink[r];
            PONDER_UNROLL
            for (unsigned c = 0; c < kCols; ++c)
                out[r][c] *= shrink;
        }
        for (unsigned p = 0; p < count; ++p) {
            PONDER_UNROLL
            for (unsigned c = 0; c < kCols; ++c) {
                const unsigned col = c * kThreads + threadIdx.x;
                const float v = col < valueDim ? room.values[p * room.valueStride + col] : 0.0f;
                PONDER_UNROLL
                for (unsigned r = 0; r < kRows; ++r) {
                    const float weight = room.weights[r * kTile + p];
                    if (weight != 0) // what a row does not see may be no number
                        out[r][c] = __fmaf_rn(weight, v, out[r][c]);
                }
            }
        }
    }
    __syncthreads();
    PONDER_UNROLL
    for (unsigned r = 0; r < kRows; ++r) {
        if (r >= rows)
            break;
        const unsigned row = firstRow + r;
        const unsigned head = kvHead * a.cut.group + row % a.cut.group;
        const bool last = isWhole(a);
        const Partial part = partial(a, blockIdx.y, kvHead, row);
        float* to = last
            ? step.out.data + row / a.cut.group * step.out.tokenStride + head * step.out.headStride
            : part.values;
        const float factor = last ? finishFactor(step, head, room.max[r], room.sum[r]) : 1.0f;
        PONDER_UNROLL
        for (unsigned c = 0; c < kCols; ++c) {
            const unsigned col = c * kThreads + threadIdx.x;
            if (col < valueDim)
                to[col] = out[r][c] * factor;
        }
        if (!last && threadIdx.x == 0) {
            *part.max = room.max[r];
            *part.sum = room.sum[r];
        }
    }
}

template <CacheType kType> Status launch(const AttentionArguments& a, cudaStream_t stream)
{
    const AttentionStep& s = a.step;
    const dim3 grid(a.cut.rowBlocks, a.cut.splits, static_cast<unsigned>(s.keys.heads));
    const std::size_t shared = plainShared(s.keys, s.values);
    const std::size_t cols = (s.values.cols + kThreads - 1) / kThreads;
    if (cols <= 1)
        return PONDER_LAUNCH_OVERLAPPED(
            (attendPlainly<kType, 1>), grid, kThreads, shared, stream, a);
    if (cols <= 2)
        return PONDER_LAUNCH_OVERLAPPED(
            (attendPlainly<kType, 2>), grid, kThreads, shared, stream, a);
    if (cols <= 4)
        return PONDER_LAUNCH_OVERLAPPED(
            (attendPlainly<kType, 4>), grid, kThreads, shared, stream, a);
    return PONDER_LAUNCH_OVERLAPPED((attendPlainly<kType, 8>), grid, kThreads, shared, stream, a);
}

} // namespace

std::size_t plainShared(const CacheRows& keys, const CacheRows& values)
{
    return sizeof(float) * sharedFloats(keys.cols, values.cols, keys.data == values.data);
}

AttentionCut plainCut(const AttentionStep& step, int multiprocessors)
{
    AttentionCut cut;
    cut.group = static_cast<unsigned>(step.q.heads / step.keys.heads);
    cut.rows = static_cast<unsigned>(step.q.tokens) * cut.group;
    cut.rowBlocks = (cut.rows + kRows - 1) / kRows;
    cut.tile = kTile;
    const unsigned blocks = cut.rowBlocks * static_cast<unsigned>(step.keys.heads);
    const auto wanted = 2 * static_cast<unsigned>(multiprocessors);
    cut.splits = std::clamp(wanted / blocks, 1U, kMaxSplits);
    return cut;
}

Status plainAttention(const AttentionArguments& a, cudaStream_t stream)
{
    switch (a.step.keys.type) {
    case CacheType::F32:
        return launch<CacheType::F32>(a, stream);
    case CacheType::Bf16:
        return launch<CacheType::Bf16>(a, stream);
    case CacheType::Fp8:
        break;
    }
    return launch<CacheType::Fp8>(a, stream);
}

} // namespace ponder::kernels::cuda
