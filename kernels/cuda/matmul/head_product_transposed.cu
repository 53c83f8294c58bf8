#include "kernels/cuda/attention/prepare_mla.cuh"
#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/device/warp.h"
#include "kernels/cuda/matmul/product.h"
#include "kernels/cuda/quant/decode.cuh"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

namespace {

constexpr unsigned kThreads = 128; // as many as a head mostly has rows
constexpr unsigned kWarps = kThreads / kWarpSize;
constexpr unsigned kGroup = 32; // columns of a block
constexpr unsigned kBatch = 4; // tokens that meet a weight once it is a float

struct Transposed {
    MlaPrepare prepare;
    unsigned parts = 0; // blocks of a token that prepare; they come first
    unsigned prepareRows = 0; // of the grid
    WeightStack w;
    ConstHeadRows x; // [tokens, heads, rows]
    HeadRows y; // [tokens, heads, cols]
};

// A block makes 32 columns of a head for some tokens: each of its threads takes every 128th row, then
// the threads are added up in order.
__global__ void __launch_bounds__(kThreads) transposedRows(const __grid_constant__ Transposed p)
{
    PONDER_SHARED_ARRAY(float, ofWarps, kWarps* kBatch* kGroup);
    PONDER_SHARED_DYNAMIC(float, latent);
    waitForPrevious();
    letNextStart();
    if (blockIdx.y < p.prepareRows) {
        const unsigned at = (blockIdx.z * p.prepareRows + blockIdx.y) * gridDim.x + blockIdx.x;
        const unsigned token = at / p.parts;
        if (token < static_cast<unsigned>(p.x.tokens))
            prepareLatent(p.prepare, token, at - token * p.parts, latent);
        return;
    }
    const std::size_t head = blockIdx.y - p.prepareRows;
    const std::size_t firstCol = std::size_t{blockIdx.x} * kGroup;
    const std::size_t firstToken = std::size_t{blockIdx.z} * kBatch;
    const std::size_t left = p.x.tokens - firstToken;
    const unsigned tokens = left < kBatch ? static_cast<unsigned>(left) : kBatch;
    const WeightStack& w = p.w;
    const bool placed = w.places != nullptr;
    const auto* data = reinterpret_cast<const std::uint8_t*>(
        placed ? w.places[head].data : w.data + head * w.matrixStride);
    const float* scales = placed ? w.places[head].scales : w.scales.data;
    const std::size_t scaleRow = w.scales.firstRow + (placed ? 0 : head * w.scaleRows);

    float sum[kBatch][kGroup] = {};
    for (std::size_t r = threadIdx.x; r < w.rows; r += kThreads) {
        float weights[kGroup];
        const float* rowScales
            = scales == nullptr ? nullptr : scales + (scaleRow + r) / kScaleBlock * w.scales.stride;
        loadFloats(w.type, data + r * w.rowStride, rowScales, firstCol, w.cols, weights);
        PONDER_UNROLL
        for (unsigned t = 0; t < kBatch; ++t) {
            if (t >= tokens)
                continue;
            const float x
                = p.x.data[(firstToken + t) * p.x.tokenStride + head * p.x.headStride + r];
            PONDER_UNROLL
            for (unsigned c = 0; c < kGroup; ++c)
                sum[t][c] = fmaf(x, weights[c], sum[t][c]);
        }
    }
    const unsigned lane = threadIdx.x % kWarpSize;
    const unsigned warp = threadIdx.x / kWarpSize;
    PONDER_UNROLL
    for (unsigned t = 0; t < kBatch; ++t) {
        if (t >= tokens)
            continue;
        PONDER_UNROLL
        for (unsigned c = 0; c < kGroup; ++c) {
            const float all = warpSum(sum[t][c]);
            if (lane == c)
                ofWarps[(warp * kBatch + t) * kGroup + c] = all;
        }
    }
    __syncthreads();
    const unsigned t = threadIdx.x / kGroup;
    const std::size_t col = firstCol + threadIdx.x % kGroup;
    if (t >= tokens || col >= w.cols)
        return;
    float whole = 0;
    for (unsigned i = 0; i < kWarps; ++i)
        whole += ofWarps[(i * kBatch + t) * kGroup + threadIdx.x % kGroup];
    p.y.data[(firstToken + t) * p.y.tokenStride + head * p.y.headStride + col] = whole;
}

} // namespace

namespace {

Status run(const Work& work, const HeadProductArgs& args, const MlaPrepare* beside)
{
    const WeightStack& w = args.w;
    if (w.count < args.x.heads || args.x.cols != w.rows || args.y.cols != w.cols
        || args.y.tokens != args.x.tokens || args.y.heads != args.x.heads
        || !rowBytes(w.type, w.cols))
        return {cudaErrorInvalidValue, "headProductTransposed"};
    if (args.x.tokens == 0 || args.x.heads == 0 || w.cols == 0)
        return {};
    dim3 grid(static_cast<unsigned>((w.cols + kGroup - 1) / kGroup),
        static_cast<unsigned>(args.x.heads),
        static_cast<unsigned>((args.x.tokens + kBatch - 1) / kBatch));
    Transposed p;
    p.w = w;
    p.x = args.x;
    p.y = args.y;
    std::size_t shared = 0;
    if (beside != nullptr) {
        p.prepare = *beside;
        p.parts = prepareParts(*beside, kThreads);
        const unsigned each = grid.x * grid.z;
        p.prepareRows = (static_cast<unsigned>(beside->latent.rows) * p.parts + each - 1) / each;
        grid.y += p.prepareRows;
        shared = beside->latent.cols * sizeof(float);
    }
    return launchKernel<transposedRows>(
        "transposedRows", LaunchShape{grid, kThreads, shared, work.stream, work.overlap}, p);
}

} // namespace

Status headProductTransposed(const Work& work, const HeadProductArgs& args)
{
    return run(work, args, nullptr);
}

Status headProductTransposed(
    const Work& work, const HeadProductArgs& args, const MlaPrepare& beside)
{
    if (args.x.tokens > kMaxDecodeTokens || beside.latent.rows != args.x.tokens
        || args.x.tokens == 0) {
        PONDER_CUDA_TRY(prepareMla(beside, work.stream));
        return run(work, args, nullptr);
    }
    return run(work, args, &beside);
}

} // namespace ponder::kernels::cuda
