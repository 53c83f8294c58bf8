#include <algorithm>

#include "kernels/cuda/device/mma.h"
#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/matmul/row_stream.cuh"
#include "kernels/cuda/prefill/tile_tokens.cuh"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

namespace {

// A float is the sum of three bfloat16 numbers, a half of two, and 8-bit floats are one: so a product
// of floats is up to six products on tensor cores (three for BF16 and F8_E4M3), and what is left out is
// below a float's own rounding.

constexpr unsigned kCols = 32; // of a stage
constexpr int kTerms = 3;

struct Stage {
    std::uint8_t tokens[kTerms][kTileTokens * kTilePitch];
    std::uint8_t weights[kTerms][kTileRows * kTilePitch];
    float scale[kTileRows]; // of F8_E4M3; else 1
};

constexpr int termsOf(StreamType type)
{
    return type == StreamType::F32 ? 3 : type == StreamType::F16 ? 2 : 1;
}

/// The next term of a number, taken from it.
__device__ __forceinline__ std::uint32_t takeTerm(float& value)
{
    const __nv_bfloat16 term = __float2bfloat16_rn(value);
    value -= __bfloat162float(term);
    return __bfloat16_as_ushort(term);
}

/// Eight numbers as terms, 16 bytes each, `next` bytes apart.
__device__ __forceinline__ void putTerms(float (&v)[8], int terms, std::uint8_t* to, unsigned next)
{
    PONDER_UNROLL
    for (int term = 0; term < kTerms; ++term) {
        if (term >= terms)
            break;
        std::uint32_t w[4];
        PONDER_UNROLL
        for (int i = 0; i < 4; ++i) {
            w[i] = takeTerm(v[2 * i]);
            w[i] |= takeTerm(v[2 * i + 1]) << 16;
        }
        store(to + static_cast<unsigned>(term) * next, make_uint4(w[0], w[1], w[2], w[3]));
    }
}

__device__ __forceinline__ void setFour(float* to, const float4& v)
{
    to[0] = v.x;
    to[1] = v.y;
    to[2] = v.z;
    to[3] = v.w;
}

template <TensorType kType>
__device__ __forceinline__ void putWeights(
    const std::uint8_t* row, unsigned col, unsigned cols, int terms, std::uint8_t* to)
{
    constexpr unsigned kBytes = kType == TensorType::F32 ? 4 : kType == TensorType::F8_E4M3 ? 1 : 2;
    PONDER_UNROLL
    for (unsigned eight = 0; eight < 2; ++eight) {
        float v[8];
        PONDER_UNROLL
        for (unsigned four = 0; four < 2; ++four) {
            const unsigned at = col + 8 * eight + 4 * four;
            setFour(v + 4 * four,
                at < cols ? fourWeights<kType>(row + std::size_t{at} * kBytes, cols - at)
                          : make_float4(0, 0, 0, 0));
        }
        putTerms(v, terms, to + 16 * eight, kTileRows * kTilePitch);
    }
}

/// A thread's part of every stage: 8 columns of a token, 16 of a row of weights.
struct TileLoader {
    const float* x;
    unsigned token, tokenCol, paddedCols;
    const std::uint8_t* row;
    const float* scales;
    StreamType type;
    unsigned weightsRow, weightsCol, cols;

    __device__ __forceinline__ TileLoader(const TileProduct& p, const BlockTile& tile)
        : token(threadIdx.x / 4)
        , tokenCol(threadIdx.x % 4 * 8)
        , paddedCols((p.forms.cols + 3) / 4 * 4)
        , scales(nullptr)
        , weightsRow(threadIdx.x / 2)
        , weightsCol(threadIdx.x % 2 * 16)
        , cols(p.forms.cols)
    {
        x = reinterpret_cast<const float*>(
            p.vectors + p.forms.plainOffset() + tile.vectorOf(p, token) * p.forms.plainBytes());
        const TileRow mine = tileRow(p, weightsRow);
        const StreamMatrix& m = p.matrix[mine.matrix];
        type = m.type;
        const MatrixStart start = startOf(m, tile.expert);
        const unsigned r = least(p.firstRow + mine.row, m.rows - 1);
        row = start.data + r * m.rowStride;
        if (type == StreamType::F8_E4M3)
            scales = start.scales + (start.scaleRow + r) / kScaleBlock * m.scaleStride;
    }

    __device__ __forceinline__ void fill(Stage& s, unsigned first, int terms) const
    {
        float v[8];
        PONDER_UNROLL
        for (unsigned i = 0; i < 2; ++i) {
            const unsigned at = first + tokenCol + 4 * i;
            setFour(v + 4 * i, at < paddedCols ? load<float4>(x + at) : make_float4(0, 0, 0, 0));
        }
        putTerms(
            v, kTerms, s.tokens[0] + token * kTilePitch + tokenCol * 2, kTileTokens * kTilePitch);
        std::uint8_t* const to = s.weights[0] + weightsRow * kTilePitch + weightsCol * 2;
        const unsigned col = first + weightsCol;
        switch (type) {
        case StreamType::F32:
            putWeights<TensorType::F32>(row, col, cols, terms, to);
            break;
        case StreamType::F16:
            putWeights<TensorType::F16>(row, col, cols, terms, to);
            break;
        case StreamType::BF16:
            putWeights<TensorType::BF16>(row, col, cols, terms, to);
            break;
        default:
            putWeights<TensorType::F8_E4M3>(row, col, cols, terms, to);
        }
        if (weightsCol == 0)
            s.scale[weightsRow] = scales == nullptr ? 1.0F : scales[first / kScaleBlock];
    }
};

using Parts = SumTile[kTokenTiles][kRowTiles];

/// Products of 16 columns of one term of the weights with one of the activations.
__device__ __forceinline__ void multiplyTerms(
    const Stage& s, int token, int weight, unsigned half, const WarpTile& warp, Parts& sum)
{
    const unsigned g = warp.lane / 4;
    const unsigned offset = half * 32 + warp.lane % 4 * 4;
    RightTile b[kRowTiles];
    PONDER_UNROLL
    for (unsigned j = 0; j < kRowTiles; ++j) {
        const std::uint8_t* from = s.weights[weight] + (warp.rowOf(j) + g) * kTilePitch + offset;
        b[j].x[0] = load<std::uint32_t>(from);
        b[j].x[1] = load<std::uint32_t>(from + 16);
    }
    PONDER_UNROLL
    for (unsigned m = 0; m < kTokenTiles; ++m) {
        const std::uint8_t* from
            = s.tokens[token] + (warp.token + 16 * m + g) * kTilePitch + offset;
        LeftTile a;
        a.x[0] = load<std::uint32_t>(from);
        a.x[1] = load<std::uint32_t>(from + 8 * kTilePitch);
        a.x[2] = load<std::uint32_t>(from + 16);
        a.x[3] = load<std::uint32_t>(from + 8 * kTilePitch + 16);
        PONDER_UNROLL
        for (unsigned j = 0; j < kRowTiles; ++j)
            multiply(sum[m][j], a, b[j]);
    }
}

__global__ void __launch_bounds__(kTileThreads, 2)
    plainTiles(const __grid_constant__ TileProduct p, int terms)
{
    PONDER_SHARED_DYNAMIC(Stage, stage);
    waitForPrevious();
    letNextStart();
    BlockTile tile;
    if (!tile.open(p))
        return;
    const WarpTile warp(p);
    const TileLoader loader(p, tile);
    TileSums sum = {};
    for (unsigned first = 0; first < p.forms.cols; first += kCols) {
        __syncthreads();
        loader.fill(*stage, first, terms);
        __syncthreads();
        Parts part = {};
        PONDER_UNROLL
        for (unsigned half = 0; half < 2; ++half)
            for (int weight = terms - 1; weight >= 0; --weight) // what is small first
                for (int token = kTerms - 1 - weight; token >= 0; --token)
                    multiplyTerms(*stage, token, weight, half, warp, part);
        PONDER_UNROLL
        for (unsigned m = 0; m < kTokenTiles; ++m) {
            PONDER_UNROLL
            for (unsigned j = 0; j < kRowTiles; ++j) {
                const float2 scale = load<float2>(&stage->scale[warp.rowOf(j) + warp.lane % 4 * 2]);
                PONDER_UNROLL
                for (unsigned i = 0; i < 4; ++i)
                    sum[m][j][i]
                        = fmaf(part[m][j].x[i], (i & 1) != 0 ? scale.y : scale.x, sum[m][j][i]);
            }
        }
    }
    warp.put(p, tile, sum);
}

} // namespace

Status launchPlainTiles(const Work& work, const TileProduct& p, dim3 grid)
{
    int terms = termsOf(p.matrix[0].type); // the other type's may be fewer: then they are zeros
    if (p.matrices == 2)
        terms = std::max(terms, termsOf(p.matrix[1].type));
    return launchKernel<plainTiles>("plainTiles",
        LaunchShape{grid, kTileThreads, sizeof(Stage), work.stream, work.overlap}, p, terms);
}

} // namespace ponder::kernels::cuda
