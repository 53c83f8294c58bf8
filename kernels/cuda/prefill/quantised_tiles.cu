#include "kernels/cuda/device/copy.h"
#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/matmul/row_stream.cuh"
#include "kernels/cuda/prefill/multiply_bytes.cuh"
#include "kernels/cuda/prefill/tile_tokens.cuh"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

namespace {

// The sums are those of kernels/cpu/matmul/README.md to the bit: 8-bit weights meet both halves of
// 15-bit activations in whole numbers, group after group is scaled and added in the order of columns.

constexpr unsigned kGroups = 2; // of 32 columns, in a stage

struct Stage {
    std::uint8_t high[kTileTokens * kTilePitch];
    std::uint8_t low[kTileTokens * kTilePitch];
    std::uint8_t weights[kTileRows * kTilePitch];
    GroupScale tokens[kTileTokens][kGroups];
    float scale[kGroups][2][kTileRows]; // of 16 columns each
    float min[kGroups][2][kTileRows];
};

/// A group of any quantisation with signed bytes and both scales and minimums set.
template <TensorType kType>
__device__ __forceinline__ void signedGroup(const std::uint8_t* row, unsigned group, Group& out)
{
    using Q = Quant<kType>;
    constexpr unsigned kInBlock = Q::kWeights / 32;
    Q::decode(row + std::size_t{group / kInBlock} * Q::kBytes, group % kInBlock, out);
    PONDER_UNROLL
    for (int i = 0; i < 8; ++i)
        out.q[i] = lessOffset<Q::kOffset>(out.q[i]);
    if constexpr (Q::kMins == 0)
        oneMin(out, 0);
}

__device__ __forceinline__ void signedGroup(
    StreamType type, const std::uint8_t* row, unsigned group, Group& out)
{
    switch (type) {
#define PONDER_FLOAT_TYPE(name, id, weights, bytes)
#define PONDER_QUANT_TYPE(name, id, weights, bytes)                                                \
    case StreamType::name:                                                                         \
        return signedGroup<TensorType::name>(row, group, out);
#include "kernels/types/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE
    default: // no kernel is launched with another type
        break;
    }
}

constexpr unsigned kMaxCopies = kTileTokens * kGroups * 5; // of 16 bytes, of activations
constexpr unsigned kCopies = (kMaxCopies + kTileThreads - 1) / kTileThreads; // of a thread

/// A block's way through the columns.
struct TileLoader {
    const TileProduct& p;
    unsigned groups;
    const std::uint8_t* copyFrom[kCopies]; // group 0's
    unsigned copyTo[kCopies], copyGroup[kCopies];
    const std::uint8_t* row; // of this thread's weights
    StreamType type;
    unsigned weightsRow, weightsGroup;

    __device__ __forceinline__ TileLoader(const TileProduct& product, const BlockTile& tile)
        : p(product)
        , groups(product.forms.cols / kActivationBlock)
        , weightsRow(threadIdx.x / kGroups)
        , weightsGroup(threadIdx.x % kGroups)
    {
        PONDER_UNROLL
        for (unsigned i = 0; i < kCopies; ++i) {
            const unsigned copy = threadIdx.x + i * kTileThreads;
            const unsigned token = copy / (kGroups * 5);
            const unsigned group = copy / 5 % kGroups;
            const unsigned piece = copy % 5;
            copyGroup[i] = copy < kMaxCopies ? group : groups;
            if (copy >= kMaxCopies)
                continue;
            copyFrom[i] = p.vectors + tile.vectorOf(p, token) * p.forms.packedBytes()
                + 16 * std::size_t{piece} * groups;
            const unsigned inRow = token * kTilePitch + group * 32 + (piece & 1) * 16;
            copyTo[i] = piece == 4
                ? static_cast<unsigned>(offsetof(Stage, tokens)) + (token * kGroups + group) * 16
                : (piece < 2 ? 0 : static_cast<unsigned>(offsetof(Stage, low))) + inRow;
        }
        const TileRow mine = tileRow(p, weightsRow);
        const StreamMatrix& m = p.matrix[mine.matrix];
        type = m.type;
        const unsigned last = m.rows - 1;
        const unsigned r = least(p.firstRow + mine.row, last);
        row = startOf(m, tile.expert).data + r * m.rowStride;
    }

    /// Activations of groups first and first + 1; past the last they stay what they are, and meet
    /// weights that are zero.
    __device__ __forceinline__ void fetchTokens(Stage& to, unsigned first) const
    {
        PONDER_UNROLL
        for (unsigned i = 0; i < kCopies; ++i)
            if (first + copyGroup[i] < groups && copyGroup[i] < kGroups)
                copyAsync16(reinterpret_cast<std::uint8_t*>(&to) + copyTo[i],
                    copyFrom[i] + 16 * (first + copyGroup[i]), true);
        commitCopies();
    }

    __device__ __forceinline__ void loadWeights(unsigned first, Group& out) const
    {
        signedGroup(type, row, first + weightsGroup, out);
    }

    __device__ __forceinline__ void putWeights(Stage& to, const Group& group) const
    {
        std::uint8_t* const at = to.weights + weightsRow * kTilePitch + weightsGroup * 32;
        store(at, make_uint4(group.q[0], group.q[1], group.q[2], group.q[3]));
        store(at + 16, make_uint4(group.q[4], group.q[5], group.q[6], group.q[7]));
        PONDER_UNROLL
        for (int half = 0; half < 2; ++half) {
            to.scale[weightsGroup][half][weightsRow] = group.scale[half];
            to.min[weightsGroup][half][weightsRow] = group.min[half];
        }
    }
};

/// c scaled and added to sum: rows of tokens g and g + 8, two columns.
__device__ __forceinline__ void addScaled(
    const int (&c)[4], const float (&token)[2], const float2& weight, float (&sum)[4])
{
    PONDER_UNROLL
    for (int i = 0; i < 4; ++i)
        sum[i] = fmaf(
            static_cast<float>(c[i]) * token[i / 2], (i & 1) != 0 ? weight.y : weight.x, sum[i]);
}

__device__ __forceinline__ void subtractMins(
    const float (&token)[2], const float2& min, float (&sum)[4])
{
    PONDER_UNROLL
    for (int i = 0; i < 4; ++i)
        sum[i] = fmaf(-((i & 1) != 0 ? min.y : min.x), token[i / 2], sum[i]);
}

/// Both halves of the activations times the weights: 128 * high + low.
template <int kARegisters, int kBRegisters>
__device__ __forceinline__ void bothHalves(int (&c)[4], const std::uint32_t (&high)[kARegisters],
    const std::uint32_t (&low)[kARegisters], const std::uint32_t (&b)[kBRegisters])
{
    multiplyBytes(c, high, b);
    PONDER_UNROLL
    for (int i = 0; i < 4; ++i)
        c[i] *= 1 << kActivationLowBits;
    multiplyBytes(c, low, b);
}

template <bool kTwoScales>
__device__ __forceinline__ void multiplyGroup(
    const Stage& s, unsigned group, const WarpTile& warp, bool mins, TileSums& sum)
{
    const unsigned g = warp.lane / 4;
    const unsigned t = warp.lane % 4;
    std::uint32_t b[kRowTiles][2];
    PONDER_UNROLL
    for (unsigned j = 0; j < kRowTiles; ++j) {
        const std::uint8_t* from
            = s.weights + (warp.rowOf(j) + g) * kTilePitch + group * 32 + 4 * t;
        b[j][0] = load<std::uint32_t>(from);
        b[j][1] = load<std::uint32_t>(from + 16);
    }
    PONDER_UNROLL
    for (unsigned m = 0; m < kTokenTiles; ++m) {
        std::uint32_t high[4], low[4];
        float scale[2], whole[2], halves[2][2];
        PONDER_UNROLL
        for (unsigned i = 0; i < 2; ++i) {
            const unsigned token = warp.token + 16 * m + g + 8 * i;
            const unsigned at = token * kTilePitch + group * 32 + 4 * t;
            high[i] = load<std::uint32_t>(s.high + at);
            high[i + 2] = load<std::uint32_t>(s.high + at + 16);
            low[i] = load<std::uint32_t>(s.low + at);
            low[i + 2] = load<std::uint32_t>(s.low + at + 16);
            const GroupScale& x = s.tokens[token][group];
            scale[i] = x.scale;
            whole[i] = x.sum;
            halves[0][i] = x.scale * static_cast<float>(x.halfSums[0]);
            halves[1][i] = x.scale * static_cast<float>(x.halfSums[1]);
        }
        PONDER_UNROLL
        for (unsigned j = 0; j < kRowTiles; ++j) {
            const unsigned column = warp.rowOf(j) + 2 * t;
            const auto pair
                = [column](const float(&of)[kTileRows]) { return load<float2>(&of[column]); };
            if constexpr (kTwoScales) {
                PONDER_UNROLL
                for (int half = 0; half < 2; ++half) {
                    int c[4] = {};
                    const std::uint32_t highHalf[2] = {high[2 * half], high[2 * half + 1]};
                    const std::uint32_t lowHalf[2] = {low[2 * half], low[2 * half + 1]};
                    const std::uint32_t bHalf[1] = {b[j][half]};
                    bothHalves(c, highHalf, lowHalf, bHalf);
                    addScaled(c, scale, pair(s.scale[group][half]), sum[m][j]);
                }
                if (mins) {
                    subtractMins(halves[0], pair(s.min[group][0]), sum[m][j]);
                    subtractMins(halves[1], pair(s.min[group][1]), sum[m][j]);
                }
            } else {
                int c[4] = {};
                bothHalves(c, high, low, b[j]);
                addScaled(c, scale, pair(s.scale[group][0]), sum[m][j]);
                if (mins)
                    subtractMins(whole, pair(s.min[group][0]), sum[m][j]);
            }
        }
    }
}

template <bool kTwoScales>
__global__ void __launch_bounds__(kTileThreads, 2)
    quantisedTiles(const __grid_constant__ TileProduct p, bool mins)
{
    PONDER_SHARED_DYNAMIC(Stage, stages);
    waitForPrevious();
    letNextStart();
    BlockTile tile;
    if (!tile.open(p))
        return;
    const WarpTile warp(p);
    const TileLoader loader(p, tile);
    TileSums sum = {};
    Group group = {};
    loader.fetchTokens(stages[0], 0);
    if (loader.weightsGroup < loader.groups)
        loader.loadWeights(0, group);
    loader.putWeights(stages[0], group);
    for (unsigned first = 0, at = 0; first < loader.groups; first += kGroups, at ^= 1) {
        const unsigned next = first + kGroups;
        waitForCopies<0>();
        __syncthreads();
        if (next < loader.groups) {
            loader.fetchTokens(stages[at ^ 1], next);
            group = {};
            if (next + loader.weightsGroup < loader.groups)
                loader.loadWeights(next, group);
        }
        PONDER_UNROLL
        for (unsigned i = 0; i < kGroups; ++i)
            if (first + i < loader.groups)
                multiplyGroup<kTwoScales>(stages[at], i, warp, mins, sum);
        if (next < loader.groups)
            loader.putWeights(stages[at ^ 1], group);
    }
    warp.put(p, tile, sum);
}

struct Needs {
    bool twoScales = false;
    bool mins = false;

    void add(StreamType type)
    {
        switch (type) {
#define PONDER_FLOAT_TYPE(name, id, weights, bytes)
#define PONDER_QUANT_TYPE(name, id, weights, bytes)                                                \
    case StreamType::name:                                                                         \
        twoScales = twoScales || Quant<TensorType::name>::kTwoScales;                              \
        mins = mins || Quant<TensorType::name>::kMins > 0;                                         \
        break;
#include "kernels/types/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE
        default: // plain numbers, which have neither
            break;
        }
    }
};

} // namespace

Status launchQuantisedTiles(const Work& work, const TileProduct& p, dim3 grid)
{
    Needs needs;
    for (unsigned i = 0; i < p.matrices; ++i)
        needs.add(p.matrix[i].type);
    const LaunchShape shape{grid, kTileThreads, 2 * sizeof(Stage), work.stream, work.overlap};
    return needs.twoScales
        ? launchKernel<quantisedTiles<true>>("quantisedTiles", shape, p, needs.mins)
        : launchKernel<quantisedTiles<false>>("quantisedTiles", shape, p, needs.mins);
}

} // namespace ponder::kernels::cuda
