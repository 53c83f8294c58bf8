#include "kernels/cuda/moe/feed_forward.h"

#include <algorithm>

#include "kernels/cuda/moe/feed_forward_launch.h"
#include "kernels/cuda/prefill/prefill.h"

namespace ponder::kernels::cuda {

namespace {

std::size_t aligned(std::size_t bytes)
{
    return (bytes + 255) / 256 * 256;
}

bool fits(const DeviceExperts& w, std::size_t d)
{
    return w.gate.count > 0 && w.gate.cols == d && w.up.cols == d && w.gate.rows == w.up.rows
        && w.down.cols == w.gate.rows && w.down.rows == d && w.up.count == w.gate.count
        && w.down.count == w.gate.count && rowBytes(w.gate.type, d) && rowBytes(w.up.type, d)
        && rowBytes(w.down.type, w.down.cols);
}

bool fits(const FeedForwardArgs& args)
{
    const std::size_t d = args.x.cols;
    if (args.out.cols != d || args.out.rows != args.x.rows
        || (args.shared != nullptr && !fits(*args.shared, d))
        || (args.routed != nullptr
            && (!fits(*args.routed, d) || args.used == 0 || args.used > kMaxUsedExperts)))
        return false;
    bool packed = false;
    for (const DeviceExperts* w : {args.shared, args.routed})
        packed = packed
            || (w != nullptr && (traits(w->gate.type).quantised || traits(w->up.type).quantised));
    return !packed || args.x.rows == 0
        || (args.x.stride % 4 == 0 && reinterpret_cast<std::uintptr_t>(args.x.data) % 16 == 0);
}

/// The two launches for few tokens and what they need.
struct Plan {
    FeedForwardKernel kernel;
    std::size_t hiddenShared = 0, downShared = 0; ///< bytes of shared memory
    unsigned hiddenBlocks = 0, downBlocks = 0;
    bool xApart = false, hiddenApart = false; ///< vectors are made by kernels of their own
    std::size_t memory = 0;
    std::size_t sharedHidden = 0, routedHidden = 0, vectors = 0; ///< places in memory
};

void setSide(ExpertSide& side, const DeviceExperts& w, std::size_t vectors,
    const StreamShape& hidden, const StreamShape& down)
{
    side.gate = streamMatrix(w.gate, hidden);
    side.up = streamMatrix(w.up, hidden);
    side.down = streamMatrix(w.down, down);
    side.gateBias = w.gateBias;
    side.upBias = w.upBias;
    side.downBias = w.downBias;
    side.experts = static_cast<unsigned>(w.gate.count);
    side.ff = static_cast<unsigned>(w.gate.rows);
    side.hiddenTiles = hidden.tiles(w.gate.rows);
    side.activation = w.activation;
    side.forms.cols = side.ff;
    side.forms.count = static_cast<unsigned>(vectors);
    side.forms.need(w.down.type);
}

Plan planOf(const FeedForwardArgs& args, const DeviceLimits& limits)
{
    Plan plan;
    FeedForwardKernel& k = plan.kernel;
    const std::size_t tokens = args.x.rows;
    const std::size_t used = args.routed == nullptr ? 0 : args.used;
    k.tokens = static_cast<unsigned>(tokens);
    k.used = static_cast<unsigned>(used);
    k.d = static_cast<unsigned>(args.x.cols);

    StreamShapes hidden;
    StreamShapes down;
    const auto add = [&](const DeviceExperts& w, std::size_t times) {
        hidden.add(w.gate.type, times * w.gate.rows, w.gate.cols);
        hidden.add(w.up.type, times * w.up.rows, w.up.cols);
        down.add(w.down.type, times * w.down.rows, w.down.cols);
        k.forms.need(w.gate.type);
        k.forms.need(w.up.type);
    };
    if (args.shared != nullptr)
        add(*args.shared, 1);
    if (args.routed != nullptr)
        add(*args.routed, used);
    // Whatever the batch, so that sums have one order.
    const unsigned mostChoiceBytes
        = choiceBytes(static_cast<unsigned>(kMaxDecodeTokens * used), kMaxDecodeTokens);
    const unsigned mostRouteBytes = routeBytes(static_cast<unsigned>(used));
    k.hiddenShape = hidden.best(kIndexBytes + mostChoiceBytes + mostRouteBytes);
    k.downShape = down.best(kIndexBytes + mostChoiceBytes);
    if (args.shared != nullptr)
        setSide(k.shared, *args.shared, tokens, k.hiddenShape, k.downShape);
    if (args.routed != nullptr)
        setSide(k.routed, *args.routed, tokens * used, k.hiddenShape, k.downShape);
    k.forms.cols = k.d;
    k.forms.count = k.tokens;
    k.downTiles = k.downShape.tiles(k.d);
    k.choiceBytes = choiceBytes(
        static_cast<unsigned>(tokens * used), tokens == 1 ? 1 : unsigned{kMaxDecodeTokens});
    k.ids = args.ids;
    k.weights = args.weights;
    k.x = args.x.data;
    k.xStride = args.x.stride;
    k.norm = args.norm;
    k.out = args.out.data;
    k.outStride = args.out.stride;

    if (args.route != nullptr) {
        k.route = *args.route;
        k.routes = true;
        k.routeBytes = mostRouteBytes;
    }
    plan.hiddenShared = k.hiddenShape.ringBytes() + kIndexBytes + k.choiceBytes + k.routeBytes;
    plan.xApart = plan.hiddenShared + k.forms.bytes() > limits.mostShared();
    plan.hiddenShared += plan.xApart ? 0 : k.forms.bytes();
    plan.downShared = k.downShape.ringBytes() + kIndexBytes + k.choiceBytes;
    const std::size_t hiddenVectors = k.shared.forms.bytes() + k.routed.forms.bytes();
    plan.hiddenApart = plan.downShared + hiddenVectors > limits.mostShared();
    plan.downShared += plan.hiddenApart ? 0 : hiddenVectors;

    const auto blocks = [&](std::size_t shared, std::size_t tiles) {
        const std::size_t room = static_cast<std::size_t>(limits.multiprocessors)
            * (shared <= limits.sharedOfTwo() ? kBlocksPerMultiprocessor : 1);
        return static_cast<unsigned>(std::min(room, tiles));
    };
    plan.hiddenBlocks
        = blocks(plan.hiddenShared, k.shared.hiddenTiles + tokens * used * k.routed.hiddenTiles);
    plan.downBlocks = blocks(plan.downShared, k.downTiles);

    plan.routedHidden = aligned(tokens * k.shared.ff * sizeof(float));
    plan.vectors = plan.routedHidden + aligned(tokens * used * k.routed.ff * sizeof(float));
    plan.memory = plan.vectors
        + std::max(plan.xApart ? k.forms.bytes() : 0, plan.hiddenApart ? hiddenVectors : 0);
    return plan;
}

Status makeHiddenVectors(const Work& work, const ExpertSide& side, std::uint8_t* to)
{
    return makeVectors(
        work, {side.hidden, side.forms.count, 1, side.ff, side.ff, 0}, {}, side.forms, to);
}

Status runFew(const Work& work, const FeedForwardArgs& args)
{
    Plan plan = planOf(args, work.limits);
    FeedForwardKernel& k = plan.kernel;
    if (plan.hiddenBlocks == 0 || plan.downBlocks == 0)
        return {};
    if (work.bytes < plan.memory)
        return {cudaErrorInvalidValue, "feedForward"};
    auto* const memory = reinterpret_cast<std::uint8_t*>(work.memory);
    k.shared.hidden = reinterpret_cast<float*>(memory);
    k.routed.hidden = reinterpret_cast<float*>(memory + plan.routedHidden);
    std::uint8_t* const vectors = memory + plan.vectors;
    const bool one = k.tokens == 1;
    if (plan.xApart) {
        PONDER_CUDA_TRY(
            makeVectors(work, {k.x, k.tokens, 1, k.d, k.xStride, 0}, k.norm, k.forms, vectors));
        k.ready = vectors;
    }
    PONDER_CUDA_TRY(one ? launchHidden<1>(k, plan.hiddenBlocks, plan.hiddenShared, work)
                        : launchHidden<8>(k, plan.hiddenBlocks, plan.hiddenShared, work));
    if (plan.hiddenApart) {
        std::uint8_t* const routed = vectors + k.shared.forms.bytes();
        PONDER_CUDA_TRY(makeHiddenVectors(work, k.shared, vectors));
        PONDER_CUDA_TRY(makeHiddenVectors(work, k.routed, routed));
        k.sharedReady = vectors;
        k.routedReady = routed;
    }
    return one ? launchDown<1>(k, plan.downBlocks, plan.downShared, work)
               : launchDown<8>(k, plan.downBlocks, plan.downShared, work);
}

} // namespace

std::size_t feedForwardMemory(const FeedForwardArgs& args)
{
    FeedForwardArgs few = args;
    few.x.rows = std::min(few.x.rows, kMaxDecodeTokens);
    const std::size_t bytes = planOf(few, kUnknownGpu).memory;
    return args.x.rows > kMaxDecodeTokens ? std::max(bytes, prefillFeedForwardMemory(args)) : bytes;
}

Status feedForward(const Work& work, const FeedForwardArgs& args)
{
    if (!fits(args))
        return {cudaErrorInvalidValue, "feedForward"};
    if (args.shared == nullptr && args.routed == nullptr)
        return {};
    const bool few = args.x.rows <= kMaxDecodeTokens;
    if (args.route != nullptr
        && (args.x.rows != 1 || args.routed == nullptr || !routesInside(*args.route))) {
        PONDER_CUDA_TRY(route(*args.route, work.stream));
        FeedForwardArgs chosen = args;
        chosen.route = nullptr;
        return feedForward(work, chosen);
    }
    if (!few && canPrefill(args))
        return prefillFeedForward(work, args);
    for (std::size_t first = 0; first < args.x.rows; first += kMaxDecodeTokens) {
        const std::size_t count = std::min(args.x.rows - first, kMaxDecodeTokens);
        FeedForwardArgs part = args;
        part.x = {args.x.data + first * args.x.stride, count, args.x.cols, args.x.stride};
        part.out = {args.out.data + first * args.out.stride, count, args.out.cols, args.out.stride};
        if (args.routed != nullptr) {
            part.ids = args.ids + first * args.used;
            part.weights = args.weights + first * args.used;
        }
        PONDER_CUDA_TRY(runFew(work, part));
    }
    return {};
}

} // namespace ponder::kernels::cuda
