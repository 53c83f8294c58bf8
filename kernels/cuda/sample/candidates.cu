#include "kernels/cuda/sample/candidates.h"

#include <cassert>

#include "kernels/cuda/device/numbers.h"
#include "kernels/cuda/device/ordered.h"
#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/device/warp.h"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

namespace {

constexpr unsigned kThreads = 1024;
constexpr unsigned kSlice = 2 * kThreads; // logits of a block
constexpr unsigned kMaxSlices = kMaxVocabulary / kSlice;

using Key = unsigned long long; // orderedKey(); 0: none

/// What a block says of its slice.
struct SliceSummary {
    Key keys[kMaxCandidates]; // largest first
    float max;
    float sum; // of e = exp(logit - max)
    float weighted; // of e * (logit - max)
    float scaled; // of exp((logit - max) * inverseTemperature)
    unsigned wrong; // NaN or +inf is among them
};

/// Sorts count keys, a power of two, largest first (Batcher's bitonic sort). All threads.
__device__ void sortKeys(Key* keys, unsigned count)
{
    for (unsigned size = 2; size <= count; size *= 2) {
        for (unsigned distance = size / 2; distance > 0; distance /= 2) {
            for (unsigned i = threadIdx.x; i < count / 2; i += blockDim.x) {
                const unsigned low = 2 * i - (i & (distance - 1));
                const Key a = keys[low];
                const Key b = keys[low + distance];
                if ((a < b) == ((low & size) == 0)) {
                    keys[low] = b;
                    keys[low + distance] = a;
                }
            }
            __syncthreads();
        }
    }
}

__device__ __forceinline__ float blockMax(float value)
{
    PONDER_SHARED_ARRAY(float, ofWarps, kThreads / kWarpSize);
    value = warpMax(value);
    __syncthreads();
    if (threadIdx.x % kWarpSize == 0)
        ofWarps[threadIdx.x / kWarpSize] = value;
    __syncthreads();
    return warpMax(ofWarps[threadIdx.x % kWarpSize]);
}

struct CandidateParams {
    const float* logits; // [rows, vocabulary], stride
    std::size_t stride;
    const StepState* state;
    SliceSummary* slices; // [rows, slices]
    LogitSummary* summaries; // [rows]
    unsigned vocabulary;
    unsigned sliceCount;
    unsigned count; // candidates asked for
};

__device__ __forceinline__ Draw drawOf(const CandidateParams& p)
{
    return p.state != nullptr ? p.state->draw : Draw{1.0f, -1.0};
}

__device__ __forceinline__ float weightOf(float logit, float largest, float scale)
{
    return logit > -kInfinity ? expf((logit - largest) * scale) : 0.0f;
}

// [slices, rows] blocks.
__global__ void __launch_bounds__(kThreads) summariseSlices(CandidateParams p)
{
    PONDER_SHARED_ARRAY(Key, keys, kSlice);
    const float* logits = p.logits + blockIdx.y * p.stride;
    waitForPrevious();
    letNextStart();
    float values[2];
    float largest = -kInfinity;
    unsigned wrong = 0;
    PONDER_UNROLL
    for (unsigned j = 0; j < 2; ++j) {
        const unsigned local = j * kThreads + threadIdx.x;
        const unsigned i = blockIdx.x * kSlice + local;
        values[j] = i < p.vocabulary ? logits[i] : -kInfinity;
        wrong |= values[j] < kInfinity ? 0 : 1;
        largest = values[j] > largest ? values[j] : largest;
        keys[local] = i < p.vocabulary ? orderedKey(values[j], i) : 0;
    }
    largest = blockMax(largest);
    const float scale = drawOf(p).inverseTemperature;
    float sum = 0;
    float weighted = 0;
    float scaled = 0;
    PONDER_UNROLL
    for (unsigned j = 0; j < 2; ++j) {
        const float d = values[j] - largest;
        const float e = values[j] > -kInfinity ? expf(d) : 0.0f;
        sum += e;
        weighted += e > 0 ? e * d : 0.0f;
        scaled += weightOf(values[j], largest, scale);
    }
    sum = blockSum(sum);
    weighted = blockSum(weighted);
    scaled = blockSum(scaled);
    wrong = static_cast<unsigned>(__syncthreads_or(static_cast<int>(wrong)));
    sortKeys(keys, kSlice);
    SliceSummary& slice = p.slices[blockIdx.y * p.sliceCount + blockIdx.x];
    if (threadIdx.x < kMaxCandidates)
        slice.keys[threadIdx.x] = keys[threadIdx.x];
    if (threadIdx.x == 0) {
        slice.max = largest;
        slice.sum = sum;
        slice.weighted = weighted;
        slice.scaled = scaled;
        slice.wrong = wrong;
    }
}

/// The token at which the weights, in the order of ids, go past draw.unit of what all weigh. All threads;
/// `weight` is that of the thread's slice.
__device__ void drawAmongAll(
    const CandidateParams& p, const Draw& draw, float largest, double weight, LogitSummary& out)
{
    PONDER_SHARED_ARRAY(double, weights, kMaxSlices); // of slices, then of warps
    static_assert(kMaxSlices >= kThreads / kWarpSize);
    PONDER_SHARED_VALUE(unsigned, chosen);
    PONDER_SHARED_VALUE(double, rest);
    // Which of so many pieces it falls into, and how far; the last where rounding takes it past all.
    const auto choose = [](const double* pieces, unsigned count, double& left) {
        unsigned at = 0;
        double skipped = 0;
        for (unsigned i = 0; i < count; ++i) {
            if (!(pieces[i] > 0))
                continue;
            left -= skipped;
            at = i;
            if (left < pieces[i])
                break;
            skipped = pieces[i];
        }
        return at;
    };
    if (threadIdx.x < p.sliceCount)
        weights[threadIdx.x] = weight;
    __syncthreads();
    if (threadIdx.x == 0) {
        double total = 0;
        for (unsigned s = 0; s < p.sliceCount; ++s)
            total += weights[s];
        double left = draw.unit * total;
        chosen = choose(weights, p.sliceCount, left);
        rest = left;
    }
    __syncthreads();
    const unsigned first = chosen * kSlice + 2 * threadIdx.x;
    const float* logits = p.logits + blockIdx.x * p.stride;
    float mine[2];
    PONDER_UNROLL
    for (unsigned j = 0; j < 2; ++j)
        mine[j] = first + j < p.vocabulary
            ? weightOf(logits[first + j], largest, draw.inverseTemperature)
            : 0.0f;
    const double ofWarp = warpSum(static_cast<double>(mine[0]) + static_cast<double>(mine[1]));
    const unsigned warp = threadIdx.x / kWarpSize;
    if (threadIdx.x % kWarpSize == 0)
        weights[warp] = ofWarp;
    __syncthreads();
    if (threadIdx.x == 0) {
        double left = rest;
        chosen = choose(weights, kThreads / kWarpSize, left);
        rest = left;
    }
    __syncthreads();
    if (warp != chosen)
        return;
    double left = rest;
    unsigned at = 0;
    bool found = false;
    for (unsigned lane = 0; lane < kWarpSize; ++lane) {
        PONDER_UNROLL
        for (unsigned j = 0; j < 2; ++j) {
            const float next = __shfl_sync(kAllLanes, mine[j], static_cast<int>(lane));
            if (found || !(next > 0))
                continue;
            at = 2 * lane + j;
            found = left < static_cast<double>(next);
            left -= static_cast<double>(next);
        }
    }
    if (first % (2 * kWarpSize) == at / 2 * 2) {
        out.drawn = static_cast<int>(first + at % 2);
        out.drawnLogit = logits[first + at % 2];
    }
}

__device__ void joinNumbers(const CandidateParams& p, const SliceSummary* slices, LogitSummary& out)
{
    const bool mine = threadIdx.x < p.sliceCount;
    const float max = mine ? slices[threadIdx.x].max : -kInfinity;
    const bool wrong = mine && slices[threadIdx.x].wrong != 0;
    const int anyWrong = __syncthreads_or(wrong ? 1 : 0);
    const float largest = blockMax(max);
    const Draw draw = drawOf(p);
    double sum = 0;
    double weighted = 0;
    double scaled = 0;
    if (mine && max > -kInfinity) {
        const double shift = static_cast<double>(max) - static_cast<double>(largest);
        const double factor = exp(shift);
        const auto partSum = static_cast<double>(slices[threadIdx.x].sum);
        sum = factor * partSum;
        weighted = factor * (static_cast<double>(slices[threadIdx.x].weighted) + shift * partSum);
        scaled = exp(shift * static_cast<double>(draw.inverseTemperature))
            * static_cast<double>(slices[threadIdx.x].scaled);
    }
    sum = blockSum(sum);
    weighted = blockSum(weighted);
    const double weight = scaled;
    scaled = blockSum(scaled);
    const bool valid = anyWrong == 0 && largest > -kInfinity;
    if (draw.unit >= 0 && valid)
        drawAmongAll(p, draw, largest, weight, out);
    else if (threadIdx.x == 0)
        out.drawn = -1;
    if (threadIdx.x != 0)
        return;
    const double entropy = log(sum) - weighted / sum;
    out.valid = valid ? 1 : 0;
    out.vocabulary = static_cast<int>(p.vocabulary);
    out.count = static_cast<int>(p.count < p.vocabulary ? p.count : p.vocabulary);
    out.max = largest;
    out.logSum = static_cast<float>(static_cast<double>(largest) + log(sum));
    out.entropy = static_cast<float>(entropy > 0 ? entropy : 0.0);
    out.draw = draw;
    out.scaledSum = static_cast<float>(scaled);
}

// A block a row. Shared: as many keys as the slices have.
__global__ void __launch_bounds__(kThreads) joinSlices(CandidateParams p)
{
    PONDER_SHARED_DYNAMIC(Key, keys);
    PONDER_SHARED_VALUE(Key, threshold);
    PONDER_SHARED_VALUE(unsigned, found);
    const SliceSummary* slices = p.slices + blockIdx.x * p.sliceCount;
    LogitSummary& out = p.summaries[blockIdx.x];
    waitForPrevious();
    letNextStart();
    if (threadIdx.x == 0) {
        threshold = 0;
        found = 0;
    }
    joinNumbers(p, slices, out);
    __syncthreads();
    // A slice's last candidate has count - 1 before it: nothing smaller can be among the best.
    if (threadIdx.x < p.sliceCount)
        atomicMax(&threshold, slices[threadIdx.x].keys[p.count - 1]);
    __syncthreads();
    const unsigned all = p.sliceCount * p.count;
    for (unsigned i = threadIdx.x; i < all; i += kThreads) {
        const Key key = slices[i / p.count].keys[i % p.count];
        if (key != 0 && key >= threshold)
            keys[atomicAdd(&found, 1U)] = key;
    }
    __syncthreads();
    unsigned size = 2;
    while (size < found || size < p.count)
        size *= 2;
    for (unsigned i = found + threadIdx.x; i < size; i += kThreads)
        keys[i] = 0;
    __syncthreads();
    sortKeys(keys, size);
    if (threadIdx.x < p.count && threadIdx.x < p.vocabulary) {
        const Key key = keys[threadIdx.x];
        out.ids[threadIdx.x] = static_cast<int>(indexOfKey(key));
        out.logits[threadIdx.x] = valueOfKey(key);
    }
}

} // namespace

Outcome<CandidateWorkspace> CandidateWorkspace::create(std::size_t rows)
{
    auto bytes = DeviceBytes::create(rows * kMaxSlices * sizeof(SliceSummary));
    if (!bytes)
        return tl::unexpected(bytes.error());
    CandidateWorkspace workspace;
    workspace.m_bytes = std::move(*bytes);
    workspace.m_rows = rows;
    return workspace;
}

Status findCandidates(
    const CandidateArgs& args, const CandidateWorkspace& workspace, cudaStream_t stream)
{
    const ConstFloatRows& logits = args.logits;
    assert(args.count > 0 && args.count <= kMaxCandidates && logits.rows <= workspace.rows());
    assert(logits.cols > 0 && logits.cols <= kMaxVocabulary);
    if (logits.rows == 0)
        return {};
    const auto rows = static_cast<unsigned>(logits.rows);
    const auto slices = static_cast<unsigned>((logits.cols + kSlice - 1) / kSlice);
    const CandidateParams params{logits.data, logits.stride, args.state,
        reinterpret_cast<SliceSummary*>(workspace.data()), args.summaries,
        static_cast<unsigned>(logits.cols), slices, static_cast<unsigned>(args.count)};
    PONDER_CUDA_TRY(
        PONDER_LAUNCH_OVERLAPPED(summariseSlices, dim3(slices, rows), kThreads, 0, stream, params));
    std::size_t room = 2;
    while (room < slices * args.count)
        room *= 2;
    return PONDER_LAUNCH_OVERLAPPED(joinSlices, rows, kThreads, room * sizeof(Key), stream, params);
}

} // namespace ponder::kernels::cuda
