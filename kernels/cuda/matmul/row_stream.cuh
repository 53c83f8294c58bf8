#pragma once

#include <concepts>

#include "kernels/cuda/device/copy.h"
#include "kernels/cuda/matmul/dot.cuh"

// How a warp multiplies rows of weights by activations. The weights come from memory through shared memory,
// kStages - 1 steps before the arithmetic needs them, and without a pause from one row, matrix or expert to the next.
//
// A tile of a warp, with 8 lanes for each row (lanesLog2 = 3) and kRowsPerLane = 2:
//
//                   step 0             step 1             step 2
//            +------------------+------------------+------------------+--
//     row 0  |  0  1  2 …     7 |  0  1  2 …     7 |  0  1  2 …     7 |    lanes 0 to 7, each with 32 columns
//     row 1  |  0  1  2 …     7 |  0  1  2 …     7 |  0  1  2 …     7 |    of a step (8 of plain weights)
//     row 2  |  8  9 10 …    15 |  8  9 10 …    15 |  8  9 10 …    15 |
//     row 3  |  8  9 10 …    15 |  8  9 10 …    15 |  8  9 10 …    15 |    tileRows = 2 * 32 / 8 = 8
//      …
//     row 7  | 24 25 26 …    31 | 24 25 26 …    31 | 24 25 26 …    31 |
//            +------------------+------------------+------------------+--
//              stepBytes of each row
//
// The ring of a warp in shared memory, [kStages][tileRows][slotBytes], while step 5 is multiplied:
//
//     stage      0          1          2          3
//            +----------+----------+----------+----------+
//     step   |    8     |    5     |    6     |    7     |
//            +----------+----------+----------+----------+
//             fetch()    add()      copies are under way
//
// A step's bytes are copied in lines of 16 bytes and keep their offset in the line, so blocks of any size
// are read in place. The types:
//
//     Segment     the rows of one matrix in a tile, and the activations they are multiplied by
//     TilePlan    which segments each tile has, and what happens to their sums
//     Cursor      a warp's place in the sequence (tile, segment, step). Two run over the same plan: `ahead`
//                 says what to fetch, `now` what to multiply
//     RowStream   the lanes' places in a tile, and the loop

namespace ponder::kernels::cuda {

/// One tile of the rows of a matrix, and the activations that they are multiplied by.
struct Segment {
    const StreamMatrix* matrix = nullptr;
    const std::uint8_t* data = nullptr; ///< the tile's first row
    const float* scales = nullptr; ///< of the matrix's first row; F8_E4M3 only
    unsigned firstRow = 0; ///< in the matrix
    unsigned rows = 0; ///< 1 to tileRows; fewer than tileRows at the end of a matrix
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

/// What a warp does with its tiles.
///
/// open(tile, segment, s) sets s to a segment of a tile; false: the tile has no such segment. A tile's segments are
/// 0, 1, …
///
/// endSegment(s, segment, sum) is called after the last step of a segment. sum: the lane's part of the sums of its
/// rows, since they were last cleared.
///
/// endTile(tile, sum) is called after endSegment() of a tile's last segment. It clears sum.
template <typename Plan, typename Sums>
concept TilePlan = requires(
    Plan& plan, unsigned tile, unsigned segment, Segment& s, const Segment& done, Sums& sum) {
    { plan.open(tile, segment, s) } -> std::same_as<bool>;
    { plan.endSegment(done, segment, sum) } -> std::same_as<void>;
    { plan.endTile(tile, sum) } -> std::same_as<void>;
};

/// A place in the sequence of a warp's steps: those of a segment, of the segments of a tile, of the tiles.
template <typename Plan> struct Cursor {
    unsigned tile, tiles, stride; // the warp's tiles are tile, tile + stride, … below `tiles`
    unsigned step,
        stepStride; // the warp's steps of a segment are firstStep, firstStep + stepStride, …
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

    /// Opens (tile, segment), or the first segment of the next tile.
    __device__ __forceinline__ void settle(Plan& plan)
    {
        while (tile < tiles && !plan.open(tile, segment, s)) {
            tile += stride;
            segment = 0;
        }
    }

    /// Raises the number of tiles to `count`.
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

/// The shared memory of a warp through which weights pass.
struct Ring {
    std::uint8_t* data; ///< [kStages][tileRows][slotBytes]
    unsigned lanesLog2;
    unsigned slotBytes;
};

template <int kTokens> struct RowStream {
    using Sums = float[kRowsPerLane][kTokens];

    Ring ring;
    unsigned lanes; // of a row
    unsigned lane; // of the warp
    unsigned position; // of the lane in its row
    unsigned row; // the first row of the lane in a tile

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

    /// Begins to copy one step of a segment into a stage.
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

    /// Adds the products of one step, which lies in a stage, to the lane's sums.
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
            if (m.type == StreamType::F8_E4M3)
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
    case StreamType::name:                                                                         \
        addPlain<TensorType::name, kTokens>(                                                       \
            part, position, lanes, firstCol, m.cols, scales, s.x, sum);                            \
        break;
#define PONDER_QUANT_TYPE(name, id, weights, bytes)                                                \
    case StreamType::name:                                                                         \
        addQuantised<TensorType::name, kTokens>(part, position, group, groups, s.x, sum);          \
        break;
#include "kernels/types/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE
        }
    }

    /// Adds the sums of the lanes of each row; every lane gets the result.
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

    /// Begins to fill the ring with steps of the first segment, before the activations and the later segments
    /// are known. Returns how many stages it has filled.
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

    /// Begins to fill the other stages.
    template <typename Plan>
    __device__ __forceinline__ void start(
        Plan& plan, Cursor<Plan>& ahead, unsigned filled = 0) const
    {
        for (unsigned stage = filled; stage + 1 < kStages; ++stage)
            fetchNext(plan, ahead, stage);
    }

    /// Begins to copy the next step, where there is one.
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

    /// Multiplies every step of the warp.
    template <typename Plan>
        requires TilePlan<Plan, Sums>
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
