#include "engine/plan/placement_plan.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "engine/plan/disk_share.h"
#include "engine/plan/gpu_placement.h"

namespace ponder {
namespace {

constexpr std::uint32_t kCpuBatch = 256;

/// Bytes left to the rest of the process and the system: a twentieth, at least 128 MiB.
std::uint64_t reserve(std::uint64_t available)
{
    return std::max(available / 20, 128 * kMiB);
}

/// Decoding reads weights at about this share of what a plain read of memory reaches: 8.0 tokens/s
/// of 1.65 GB each against 27 GB/s (V2-Lite, Q4_K_M mix, 2 cores; ponder-cli bench says it of a
/// machine).
constexpr double kDecodeShare = 0.5;

/// What attention keeps of a token, generously.
std::uint64_t attentionFloats(const AttentionLayer& attention)
{
    if (const auto* gqa = std::get_if<GqaAttention>(&attention))
        return 2 * std::uint64_t{gqa->heads + gqa->kvHeads}
        * (std::uint64_t{gqa->keyDim} + gqa->valueDim);
    const auto& mla = std::get<MlaAttention>(attention);
    const std::uint64_t latent = std::uint64_t{mla.kvLoraRank} + mla.ropeHeadDim;
    return mla.heads
        * (3 * latent + 2 * std::uint64_t{mla.valueHeadDim} + mla.nopeHeadDim + mla.ropeHeadDim)
        + mla.qB.columns;
}

std::string tokens(std::uint32_t count)
{
    return std::to_string(count) + " tokens";
}

std::string threadsText(unsigned threads)
{
    return std::to_string(threads) + (threads == 1 ? " thread" : " threads");
}

} // namespace

std::uint64_t cpuWorkBytes(const Network& network, std::uint64_t batch)
{
    std::uint64_t widest = 0; // floats a token
    for (const Layer& layer : network.layers) {
        std::uint64_t floats = attentionFloats(layer.attention);
        if (const auto* moe = std::get_if<MoeFeedForward>(&layer.feedForward)) {
            floats += std::uint64_t{moe->routing.used}
                    * (3 * std::uint64_t{moe->gate.rows} + 2 * std::uint64_t{network.hiddenSize})
                + 2 * std::uint64_t{moe->routing.experts}
                + (moe->shared ? 3 * std::uint64_t{moe->shared->gate.rows} : 0);
        } else {
            floats += 3 * std::uint64_t{std::get<DenseFeedForward>(layer.feedForward).gate.rows};
        }
        widest = std::max(widest, floats);
    }
    widest += 6 * std::uint64_t{network.hiddenSize};
    return widest * batch * sizeof(float) + network.vocabularySize * sizeof(float) + 32 * kMiB;
}

std::string describeBytes(std::uint64_t bytes)
{
    constexpr std::array kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024)
        return std::to_string(bytes) + " bytes";
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (value /= 1024; value >= 999.5 && unit + 1 < kUnits.size(); value /= 1024)
        ++unit;
    std::array<char, 32> text{};
    std::snprintf(
        text.data(), text.size(), value < 9.95 ? "%.1f %s" : "%.0f %s", value, kUnits[unit]);
    return text.data();
}

std::size_t GpuShare::attentionLayers() const
{
    return static_cast<std::size_t>(
        std::ranges::count_if(layers, [](const LayerPlace& p) { return p.attentionOnGpu; }));
}

std::size_t GpuShare::feedForwardLayers() const
{
    return static_cast<std::size_t>(
        std::ranges::count_if(layers, [](const LayerPlace& p) { return p.feedForwardOnGpu; }));
}

bool GpuShare::isWhole() const
{
    return feedForwardLayers() == layers.size();
}

std::string PlacementPlan::device() const
{
    return gpu ? "cuda:" + std::to_string(gpu->gpu.index) : "cpu";
}

std::string PlacementPlan::summary() const
{
    const std::string cache = ", cache for " + tokens(contextLength)
        + (gpu ? " in " + cacheTypeText(gpu->cache) : std::string()) + ' ';
    std::string text;
    if (gpu) {
        const std::size_t all = gpu->layers.size();
        text = gpu->gpu.name + ": weights " + describeBytes(gpu->weightBytes) + cache
            + describeBytes(gpu->cacheBytes) + ", work " + describeBytes(gpu->workBytes) + ": "
            + describeBytes(gpu->totalBytes()) + " of " + describeBytes(gpu->gpu.availableBytes)
            + " free";
        if (gpu->attentionLayers() < all)
            text += "; " + std::to_string(gpu->attentionLayers()) + " of " + std::to_string(all)
                + " layers' attention there";
        if (!gpu->isWhole())
            text += "; experts and feed-forwards of " + std::to_string(gpu->feedForwardLayers())
                + " of " + std::to_string(all) + " layers there, the others ("
                + describeBytes(weightBytes) + ") on the processor, " + threadsText(threads);
        if (gpu->expertCacheBytes > 0)
            text += "; " + describeBytes(gpu->expertCacheBytes)
                + " for those of these experts that are used most";
    } else {
        text = "Weights " + describeBytes(weightBytes) + cache + describeBytes(cacheBytes)
            + ", work " + describeBytes(workBytes) + ": " + describeBytes(totalBytes()) + " of "
            + describeBytes(availableBytes) + " available, on " + threadsText(threads);
    }
    if (missingBytes > 0)
        text += "; " + describeBytes(missingBytes) + " of the weights come from the disk as needed";
    if (tokensPerSecond >= 1) {
        std::array<char, 48> speed{};
        std::snprintf(
            speed.data(), speed.size(), ", about %.1f tokens per second", tokensPerSecond);
        text += speed.data();
    } else if (tokensPerSecond > 0) {
        text += ", about " + describeSeconds(1 / tokensPerSecond) + " a token";
    }
    return text;
}

namespace {

Result<PlacementPlan> planOnCpu(const Network& network, const Machine& machine,
    const PlacementRequest& request, std::uint64_t usable)
{
    PlacementPlan plan;
    plan.threads = request.threads == 0 ? std::max(machine.cores, 1U) : request.threads;
    plan.weightBytes = network.weightBytes();
    plan.batch = request.batch == 0 ? kCpuBatch : request.batch;
    plan.workBytes = cpuWorkBytes(network, plan.batch);
    plan.availableBytes = machine.availableBytes;
    plan.bytesPerToken = network.activeWeightBytes();
    if (machine.bandwidth > 0 && plan.bytesPerToken > 0)
        plan.tokensPerSecond
            = kDecodeShare * machine.bandwidth / static_cast<double>(plan.bytesPerToken);

    const std::uint32_t wanted = request.contextLength == 0
        ? network.contextLength
        : std::min(request.contextLength, network.contextLength);
    const std::uint64_t cachePerToken = network.cacheBytesPerToken();
    const std::uint64_t least = std::min(wanted, kSmallestContext) * cachePerToken;
    const std::uint64_t fixed = plan.weightBytes + plan.workBytes;
    const bool fits = fixed + least <= usable;
    // Reordered weights cannot be read from the disk again.
    const bool canMiss = plan.workBytes + least + network.reorderedBytes <= usable;
    if (!fits && (!request.largerThanMemory || !canMiss))
        return fail(ErrorCode::OutOfMemory,
            "This model needs " + describeBytes(fixed + least) + " of memory ("
                + describeBytes(plan.weightBytes) + " of weights, the rest to work with), and "
                + describeBytes(usable)
                + " can be used on this computer now. Choose a smaller model or "
                  "a smaller quantisation, or close other programs.",
            "available " + std::to_string(machine.availableBytes) + " of "
                + std::to_string(machine.memoryBytes));
    // Weights that do not fit need all memory, so the cache takes a quarter at most.
    const std::uint64_t room
        = fits ? usable - fixed : std::max(least, (usable - plan.workBytes) / 4);
    const std::uint64_t fitting = cachePerToken == 0 ? wanted : room / cachePerToken;
    plan.contextLength = static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, fitting));
    plan.cacheBytes = plan.contextLength * cachePerToken;
    plan.batch = std::min(plan.batch, plan.contextLength);
    if (!fits)
        addDiskShare(plan, network, request, usable);
    return plan;
}

/// A plan for more weights than memory holds: with the GPU where it takes a part of them, else without.
Result<PlacementPlan> planLargerThanMemory(const Network& network, const Machine& machine,
    const Gpu* gpu, const PlacementRequest& request, std::uint64_t usable)
{
    if (gpu != nullptr) {
        auto plan = planOnGpu(network, machine, *gpu, request, usable + network.weightBytes());
        if (plan && network.reorderedBytes == 0 && plan->workBytes + plan->cacheBytes <= usable) {
            addDiskShare(*plan, network, request, usable);
            return *plan;
        }
    }
    return planOnCpu(network, machine, request, usable);
}

/// A refusal for lack of memory, with what opening the model anyway would mean.
Error withWayRound(Error error, const Result<PlacementPlan>& larger)
{
    if (larger && larger->missingBytes > 0) {
        error.message += " It can be opened all the same: " + diskSentence(*larger);
        error.context = std::string(kLargerThanMemory) + ", " + error.context;
    }
    return error;
}

/// The chosen GPU; null where there is none.
const Gpu* chosenGpu(const Machine& machine, const DeviceChoice& device)
{
    const Gpu* chosen = nullptr;
    for (const Gpu& gpu : machine.gpus) {
        if (device.kind == DeviceChoice::Kind::Cuda && device.index >= 0
                ? gpu.index == device.index
                : chosen == nullptr || gpu.availableBytes > chosen->availableBytes)
            chosen = &gpu;
    }
    return chosen;
}

Error noSuchGpu(const Machine& machine, const DeviceChoice& device)
{
    if (machine.gpus.empty())
        return {ErrorCode::InvalidArgument,
            "There is no GPU here that Ponder can use. Choose the processor (cpu).", {}};
    std::string there;
    for (const Gpu& gpu : machine.gpus)
        there += (there.empty() ? "" : ", ") + ("cuda:" + std::to_string(gpu.index)) + " ("
            + gpu.name + ")";
    return {ErrorCode::InvalidArgument,
        "There is no GPU " + device.text() + " here; there is " + there + ".", {}};
}

std::string doesNotHelp(const Gpu& gpu)
{
    return "The GPU (" + gpu.name + ", " + describeBytes(gpu.availableBytes)
        + " free) is too small for any of this model's layers, or the memory for the rest.";
}

} // namespace

bool opensLargerThanMemory(const Error& error)
{
    return error.code == ErrorCode::OutOfMemory && error.context.starts_with(kLargerThanMemory);
}

Result<PlacementPlan> planPlacement(
    const Network& network, const Machine& machine, const PlacementRequest& request)
{
    const std::uint64_t kept = std::min(reserve(machine.availableBytes), machine.availableBytes);
    const std::uint64_t usable = machine.availableBytes - kept + request.heldBytes;
    PlacementRequest fitting
        = request; // a plan that fits is better, even where a larger one is allowed
    fitting.largerThanMemory = false;
    PlacementRequest larger = request;
    larger.largerThanMemory = true;

    const Gpu* gpu = request.device.kind == DeviceChoice::Kind::Cpu
        ? nullptr
        : chosenGpu(machine, request.device);
    const bool mustBeGpu = request.device.kind == DeviceChoice::Kind::Cuda;
    if (gpu == nullptr && mustBeGpu)
        return tl::unexpected(noSuchGpu(machine, request.device));
    if (gpu != nullptr) {
        auto plan = planOnGpu(network, machine, *gpu, fitting, usable);
        // Weights in another order stay in memory even where a GPU has a copy.
        if (plan)
            plan->workBytes
                += network.reorderedBytes - std::min(network.reorderedBytes, plan->weightBytes);
        if (plan && (network.reorderedBytes == 0 || plan->totalBytes() <= usable))
            return *plan;
    }
    std::string tooSmall = gpu != nullptr ? doesNotHelp(*gpu) : "";
    if (!mustBeGpu) {
        auto plan = planOnCpu(network, machine, fitting, usable);
        if (plan) {
            plan->remark = gpu != nullptr ? tooSmall + " The processor computes it all." : "";
            return plan;
        }
        const auto all = planLargerThanMemory(network, machine, gpu, larger, usable);
        if (all && request.largerThanMemory)
            return all;
        return tl::unexpected(withWayRound(std::move(plan.error()), all));
    }
    const auto all = planLargerThanMemory(network, machine, gpu, larger, usable);
    if (all && all->gpu && request.largerThanMemory)
        return all;
    Error error{
        ErrorCode::OutOfMemory, tooSmall + " Choose the processor, or a smaller model.", gpu->name};
    return tl::unexpected(all && all->gpu ? withWayRound(std::move(error), all) : error);
}

} // namespace ponder
