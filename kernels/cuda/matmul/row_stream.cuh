#pragma once

#include "kernels/cuda/device/copy.h"
#include "kernels/cuda/matmul/dot.cuh"

// How a warp reads rows of weights: step by step through shared memory, kStages - 1 steps ahead of the
// arithmetic, from one matrix to the next without a pause.

namespace ponder::kernels::cuda {

/// The weights of a tile from one matrix, and what they meet.
struct Segment {
    const StreamMatrix* matrix = nullptr;
    const std::uint8_t* data = nullptr; ///< the tile's first row
    const float* scales = nullptr; ///< of the matrix's first row; F8E4M3 only
    unsigned firstRow = 0; ///< in the matrix
    unsigned rows = 0; ///< of the tile that there are: 1 to tileRows
    Vectors x;
};

/// Where matrix `index` of a stack begins.
struct MatrixStart {
    const std::uint8_t* data;
    const float* scales;
    unsigned scaleRow;
};

__device__ __forceinline__ MatrixStart startOf(const StreamMatrix& m, unsigned index)
{
    if (m.places != nullptr) {
        const MatrixPlace& place = m.places[index];
        return {reinterpret_cast<const std::uint8_t*>(place.data), place.scales, m.scaleFirstRow};
    }
    return {m.data + index * m.matrixStride, m.scales, m.scaleFirstRow + index * m.scaleRows};
}

/// Rows firstRow … of matrix `index`, tileRows or as many as there are.
__device__ __forceinline__ Segment segmentOf(
    const StreamMatrix& m, unsigned index, unsigned firstRow, unsigned tileRows)
{
    const MatrixStart start = startOf(m, index);
    Segment s;
    s.matrix = &m;
    s.data = start.data + firstRow * m.rowStride;
    s.scales = start.scales;
    s.firstRow = start.scaleRow + firstRow;
    s.rows = least(tileRows, m.rows - firstRow);
    return s;
}

/// The steps of a warp, one after the other. Plan:
///     bool open(unsigned tile, unsigned segment, Segment& s)   false: the tile has no such segment
template <typename Plan> struct Cursor {
    unsigned tile, tiles, stride; // this warp's: tile, tile + stride, …
    unsigned step, stepStride; // in the segment's rows
    unsigned segment = 0;
    unsigned firstStep;
    Segment s;

    __device__ __forceinline__ Cursor(Plan& plan, unsigned first, unsigned count, unsigned next,
        unsigned beginStep, unsigned nextStep)
        : tile(first)
        , tiles(count)
        , stride(next)
        , step(beginStep)
        , stepStride(nextStep)
        , firstStep(beginStep)
    {
        settle(plan);
    }

    [[nodiscard]] __device__ __forceinline__ bool valid() const { return tile < tiles; }
    [[nodiscard]] __device__ __forceinline__ bool hasStep() const { return step < s.matrix->steps; }

    /// Opens (tile, segment), or the next tile's first.
    __device__ __forceinline__ void settle(Plan& plan)
    {
        while (tile < tiles && !plan.open(tile, segment, s)) {
            tile += stride;
            segment = 0;
        }
    }

    /// There are more tiles than were known.
    __device__ __forceinline__ void extend(Plan& plan, unsigned count)
    {
        const bool opened = valid();
        tiles = count;
        if (!opened)
            settle(plan);
    }

    __device__ __forceinline__ void nextSegment(Plan& plan)
    {
        step = firstStep;
        ++segment;
        settle(plan);
    }
};

struct Ring {
    std::uint8_t* data; ///< this warp's, in shared memory: [kStages][tileRows][slotBytes]
    unsigned lanesLog2;
    unsigned slotBytes;
};

template <int kTokens> struct RowStream {
    using Sums = float[kRowsPerLane][kTokens];

    Ring ring;
    unsigned lanes, lane, position, row; // row: the lane's first in a tile

    __device__ __forceinline__ explicit RowStream(const Ring& r)
        : ring(r)
        , lanes(1U << r.lanesLog2)
        , lane(threadIdx.x % kWarpSize)
        , position(lane & (lanes - 1))
        , row((lane >> r.lanesLog2) * kRowsPerLane)
    {
    }

    [[nodiscard]] __device__ __forceinline__ unsigned tileRows() const
    {
        return kRowsPerLane * (kWarpSize >> ring.lanesLog2);
    }
    [[nodiscard]] __device__ __forceinline__ std::uint8_t* slot(unsigned stage, unsigned r) const
    {
        return ring.data + (stage * tileRows() + r) * ring.slotBytes;
    }

    __device__ __forceinline__ void fetch(const Segment& s, unsigned step, unsigned stage) const
    {
        const unsigned begin = step * s.matrix->stepBytes;
        const unsigned bytes = least(s.matrix->stepBytes, s.matrix->rowBytes - begin);
        PONDER_UNROLL
        for (unsigned i = 0; i < kRowsPerLane; ++i) {
            if (row + i >= s.rows)
                break;
            const std::uint8_t* from = s.data + (row + i) * s.matrix->rowStride + begin;
            const auto past = static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(from)) & 15;
            std::uint8_t* const to = slot(stage, row + i);
            for (unsigned at = position * 16; at < past + bytes; at += lanes * 16)
                copyAsync16(to + at, from - past + at, true);
        }
    }

    __device__ __forceinline__ void add(
        const Segment& s, unsigned step, unsigned stage, Sums& sum) const
    {
        const StreamMatrix& m = *s.matrix;
        const std::uint8_t* part[kRowsPerLane];
        const float* scales[kRowsPerLane] = {};
        PONDER_UNROLL
        for (unsigned i = 0; i < kRowsPerLane; ++i) {
            const std::uint8_t* from = s.data + (row + i) * m.rowStride + step * m.stepBytes;
            part[i] = slot(stage, row + i)
                + (static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(from)) & 15);
            if (m.type == TensorType::F8E4M3)
                scales[i] = s.scales
                    + (s.firstRow + least(row + i, s.rows - 1)) / kScaleBlock * m.scaleStride;
        }
        const unsigned group = step * lanes + position;
        const unsigned groups = m.cols / kActivationBlock;
        const unsigned firstCol = step * lanes * kFloatsPerLane;
        if (m.quantised && group >= groups)
            return;
        switch (m.type) {
#define PONDER_FLOAT_TYPE(name, id, weights, bytes)                                                \
    case TensorType::name:                                                                         \
        addPlain<TensorType::name, kTokens>(                                                       \
            part, position, lanes, firstCol, m.cols, scales, s.x, sum);                            \
        break;
#define PONDER_QUANT_TYPE(name, id, weights, bytes)                                                \
    case TensorType::name:                                                                         \
        addQuantised<TensorType::name, kTokens>(part, position, group, groups, s.x, sum);          \
        break;
#include "kernels/cpu/quant/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE
        }
    }

    /// Adds up the lanes of each row; all of them get the sums.
    __device__ __forceinline__ void reduce(Sums& sum) const
    {
        for (unsigned distance = lanes / 2; distance > 0; distance /= 2) {
            PONDER_UNROLL
            for (unsigned i = 0; i < kRowsPerLane; ++i) {
                PONDER_UNROLL
                for (int t = 0; t < kTokens; ++t)
                    sum[i][t] += __shfl_xor_sync(kAllLanes, sum[i][t], static_cast<int>(distance));
            }
        }
    }

    /// Begins to fill the ring with steps of the first segment, before the activations, or what comes
    /// behind that segment, are known. Returns how many.
    template <typename Plan>
    __device__ __forceinline__ unsigned startEarly(Cursor<Plan>& ahead) const
    {
        unsigned stage = 0;
        for (; stage + 1 < kStages && ahead.valid() && ahead.hasStep(); ++stage) {
            fetch(ahead.s, ahead.step, stage);
            ahead.step += ahead.stepStride;
            commitCopies();
        }
        return stage;
    }

    /// Fills what is left of the ring.
    template <typename Plan>
    __device__ __forceinline__ void start(
        Plan& plan, Cursor<Plan>& ahead, unsigned filled = 0) const
    {
        for (unsigned stage = filled; stage + 1 < kStages; ++stage)
            fetchNext(plan, ahead, stage);
    }

    template <typename Plan>
    __device__ __forceinline__ void fetchNext(Plan& plan, Cursor<Plan>& ahead, unsigned stage) const
    {
        while (ahead.valid() && !ahead.hasStep())
            ahead.nextSegment(plan);
        if (ahead.valid()) {
            fetch(ahead.s, ahead.step, stage);
            ahead.step += ahead.stepStride;
        }
        commitCopies();
    }

    /// Takes every step of the warp. Plan, besides open():
    ///     void endSegment(const Segment& s, unsigned segment, Sums& sum)
    ///         sum: the lane's of its rows since the last endSegment() that cleared it
    ///     void endTile(unsigned tile, Sums& sum)   after a tile's last segment; clears sum
    template <typename Plan>
    __device__ __forceinline__ void run(Plan& plan, Cursor<Plan>& ahead, Cursor<Plan>& now) const
    {
        Sums sum = {};
        unsigned stage = 0;
        while (now.valid()) {
            for (; now.hasStep(); now.step += now.stepStride) {
                waitForCopies<kStages - 2>();
                __syncwarp();
                fetchNext(plan, ahead, (stage + kStages - 1) % kStages);
                add(now.s, now.step, stage, sum);
                stage = (stage + 1) % kStages;
            }
            plan.endSegment(now.s, now.segment, sum);
            const unsigned tile = now.tile;
            now.nextSegment(plan);
            if (!now.valid() || now.tile != tile)
                plan.endTile(tile, sum);
        }
    }
};

template <int kTokens>
__device__ __forceinline__ void clearSums(float (&sum)[kRowsPerLane][kTokens])
{
    PONDER_UNROLL
    for (unsigned i = 0; i < kRowsPerLane; ++i) {
        PONDER_UNROLL
        for (int t = 0; t < kTokens; ++t)
            sum[i][t] = 0;
    }
}

} // namespace ponder::kernels::cuda
