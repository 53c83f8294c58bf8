#include "kernels/cuda/prefill/groups.h"

#include "kernels/cuda/device/overlap.h"
#include "kernels/cuda/device/warp.h"
#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {

namespace {

constexpr unsigned kThreads = 512;
constexpr unsigned kWarps = kThreads / kWarpSize;

struct Equals {
    unsigned before; ///< lanes below this one with its value
    unsigned all;
};

__device__ __forceinline__ Equals equalsOf(std::uint32_t value)
{
    const unsigned lane = threadIdx.x % kWarpSize;
#if defined(PONDER_CUDA_EMULATED) || __CUDA_ARCH__ < 700
    unsigned mask = 0;
    for (unsigned i = 0; i < kWarpSize; ++i)
        mask |= __shfl_sync(kAllLanes, value, static_cast<int>(i)) == value ? 1U << i : 0;
#else
    const unsigned mask = __match_any_sync(kAllLanes, value);
#endif
    return {static_cast<unsigned>(__popc(mask & ((1U << lane) - 1))),
        static_cast<unsigned>(__popc(mask))};
}

/// The sum of the lanes below.
__device__ __forceinline__ unsigned sumBefore(unsigned value)
{
    const unsigned lane = threadIdx.x % kWarpSize;
    unsigned sum = value;
    for (unsigned distance = 1; distance < kWarpSize; distance *= 2) {
        const unsigned other = __shfl_up_sync(kAllLanes, sum, distance);
        sum += lane >= distance ? other : 0;
    }
    return sum - value;
}

// One block. Each warp has a run of the pairs and counts by itself, so that pairs keep their order.
__global__ void __launch_bounds__(kThreads) groupPairs(const __grid_constant__ ExpertSide side,
    const std::int32_t* ids, unsigned pairs, GroupArrays to)
{
    PONDER_SHARED_DYNAMIC(std::uint32_t, counts); // [kWarps][experts]
    const unsigned experts = side.experts;
    const unsigned warp = threadIdx.x / kWarpSize;
    const unsigned lane = threadIdx.x % kWarpSize;
    const unsigned run = (pairs + kThreads - 1) / kThreads * kWarpSize; // pairs of a warp
    std::uint32_t* const own = counts + warp * experts;
    const auto expertOf = [&](unsigned pair) {
        const auto id = pair < pairs ? static_cast<std::uint32_t>(ids[pair]) : kNoSlot;
        return side.has(id) ? id : kNoSlot;
    };
    for (unsigned i = threadIdx.x; i < kWarps * experts; i += kThreads)
        counts[i] = 0;
    waitForPrevious();
    letNextStart();
    __syncthreads();
    for (unsigned at = 0; at < run; at += kWarpSize) {
        const std::uint32_t expert = expertOf(warp * run + at + lane);
        const Equals equals = equalsOf(expert);
        if (expert != kNoSlot && equals.before == 0)
            own[expert] += equals.all;
        __syncwarp();
    }
    __syncthreads();
    if (warp == 0) {
        const unsigned each = (experts + kWarpSize - 1) / kWarpSize;
        const unsigned begin = lane * each;
        const unsigned end = begin + each < experts ? begin + each : experts;
        const auto countOf = [&](unsigned expert) {
            unsigned sum = 0;
            for (unsigned w = 0; w < kWarps; ++w)
                sum += counts[w * experts + expert];
            return sum;
        };
        unsigned slots = 0;
        unsigned tiles = 0;
        for (unsigned e = begin; e < end; ++e) {
            const unsigned count = countOf(e);
            slots += count;
            tiles += (count + kTileTokens - 1) / kTileTokens;
        }
        const unsigned tilesOfLane = tiles;
        slots = sumBefore(slots);
        tiles = sumBefore(tiles);
        if (lane == kWarpSize - 1)
            *to.tileCount = tiles + tilesOfLane;
        for (unsigned e = begin; e < end; ++e) {
            const unsigned count = countOf(e);
            for (unsigned i = 0; i < count; i += kTileTokens)
                to.tiles[tiles++]
                    = {e, slots + i, count - i < kTileTokens ? count - i : kTileTokens};
            for (unsigned w = 0; w < kWarps; ++w) { // counts become first slots
                const unsigned before = counts[w * experts + e];
                counts[w * experts + e] = slots;
                slots += before;
            }
        }
    }
    __syncthreads();
    for (unsigned at = 0; at < run; at += kWarpSize) {
        const unsigned pair = warp * run + at + lane;
        const std::uint32_t expert = expertOf(pair);
        const Equals equals = equalsOf(expert);
        const std::uint32_t slot = expert == kNoSlot ? kNoSlot : own[expert] + equals.before;
        __syncwarp();
        if (expert != kNoSlot && equals.before == 0)
            own[expert] += equals.all;
        __syncwarp();
        if (pair >= pairs)
            continue;
        to.slots[pair] = slot;
        if (slot != kNoSlot)
            to.pairs[slot] = pair;
    }
}

constexpr unsigned kCombineThreads = 256;

__global__ void __launch_bounds__(kCombineThreads) addParts(const __grid_constant__ CombineArgs p)
{
    waitForPrevious();
    letNextStart();
    const unsigned col = blockIdx.x * kCombineThreads + threadIdx.x;
    const std::size_t token = blockIdx.y;
    if (col >= p.cols)
        return;
    float* const out = p.out + token * p.outStride + p.first + col;
    float sum = *out;
    for (unsigned k = 0; k < p.used; ++k) {
        const std::size_t pair = token * p.used + k;
        const std::uint32_t slot = p.slots[pair];
        if (slot == kNoSlot)
            continue;
        const float weight = p.weights[pair];
        sum = fmaf(weight, p.parts[std::size_t{slot} * p.cols + col], sum);
        if (p.bias != nullptr)
            sum = fmaf(
                weight, p.bias[static_cast<std::size_t>(p.ids[pair]) * p.d + p.first + col], sum);
    }
    *out = sum;
}

} // namespace

Status groupByExpert(const Work& work, const ExpertSide& side, const std::int32_t* ids,
    std::size_t pairs, const GroupArrays& to)
{
    if (side.experts > kMaxGroupedExperts)
        return {cudaErrorInvalidValue, "groupByExpert"};
    const std::size_t shared = kWarps * side.experts * sizeof(std::uint32_t);
    return launchKernel<groupPairs>("groupPairs",
        LaunchShape{1, kThreads, shared, work.stream, work.overlap}, side, ids,
        static_cast<unsigned>(pairs), to);
}

Status combineParts(const Work& work, const CombineArgs& args)
{
    const dim3 grid((args.cols + kCombineThreads - 1) / kCombineThreads, args.tokens);
    return launchKernel<addParts>(
        "addParts", LaunchShape{grid, kCombineThreads, 0, work.stream, work.overlap}, args);
}

} // namespace ponder::kernels::cuda
