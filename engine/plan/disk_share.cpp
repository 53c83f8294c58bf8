#include "engine/plan/disk_share.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "engine/plan/placed_weights.h"

namespace ponder {
namespace {

/// Of a disk that was not measured: a common solid-state one.
constexpr double kUsualDisk = 1e9;
/// Pages are requested when they are first read, a few at a time. That keeps a disk busy for about half of the time.
constexpr double kShareOfDisk = 0.5;

/// The weights in RAM, by the tokens that read them.
struct HostWeights {
    std::uint64_t common = 0; // bytes that every token reads
    std::uint64_t experts = 0; // bytes of routed experts
    std::uint64_t activeExperts = 0; // of these, what one token reads
};

std::uint64_t bytesOf(const PlacedWeights& weights)
{
    std::uint64_t bytes = 0;
    for (const WeightMatrix* m : weights.matrices)
        bytes += m->bytes();
    return bytes;
}

HostWeights hostWeights(const Network& network, const PlacementPlan& plan)
{
    HostWeights host;
    if (!plan.gpu)
        host.common += network.output.bytes(); // of the embedding a token reads a row only
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const Layer& layer = network.layers[i];
        const LayerPlace place = plan.gpu ? plan.gpu->layers[i] : LayerPlace{};
        if (!place.attentionOnGpu)
            host.common += bytesOf(baseWeights(layer));
        if (place.feedForwardOnGpu)
            continue;
        const std::uint64_t bytes = bytesOf(feedForwardWeights(layer));
        if (isRouted(layer)) {
            host.experts += bytes;
            host.activeExperts += activeFeedForwardBytes(layer);
        } else {
            host.common += bytes;
        }
    }
    return host;
}

} // namespace

std::string describeSeconds(double seconds)
{
    std::array<char, 32> text{};
    if (seconds < 9.95)
        std::snprintf(text.data(), text.size(), "%.1f seconds", seconds);
    else if (seconds < 99.5)
        std::snprintf(text.data(), text.size(), "%.0f seconds", seconds);
    else
        std::snprintf(text.data(), text.size(), "%.0f minutes", seconds / 60);
    return text.data();
}

void addDiskShare(PlacementPlan& plan, const Network& network, const PlacementRequest& request,
    std::uint64_t usable)
{
    const std::uint64_t taken = plan.workBytes + plan.cacheBytes;
    const std::uint64_t room = usable - std::min(taken, usable);
    if (plan.weightBytes <= room)
        return;
    plan.missingBytes = plan.weightBytes - room;
    const HostWeights host = hostWeights(network, plan);
    if (host.common >= room) {
        plan.diskBytesPerToken = host.common + host.activeExperts;
    } else if (host.experts > 0) {
        const auto there = static_cast<double>(room - host.common);
        const double missing = std::max(0.0, 1 - there / static_cast<double>(host.experts));
        plan.diskBytesPerToken
            = static_cast<std::uint64_t>(missing * static_cast<double>(host.activeExperts));
    }
    const double speed
        = kShareOfDisk * (request.diskBandwidth > 0 ? request.diskBandwidth : kUsualDisk);
    const double seconds = static_cast<double>(plan.diskBytesPerToken) / speed
        + (plan.tokensPerSecond > 0 ? 1 / plan.tokensPerSecond : 0);
    plan.tokensPerSecond = seconds > 0 ? 1 / seconds : 0;
    plan.isDiskMeasured = request.diskBandwidth > 0;
    plan.remark = "This model is larger than memory: " + diskSentence(plan);
}

std::string diskSentence(const PlacementPlan& plan)
{
    std::string text = describeBytes(plan.missingBytes) + " of its "
        + describeBytes(plan.weightBytes) + " of weights in memory do not fit, so about "
        + describeBytes(plan.diskBytesPerToken) + " come from the disk for every token";
    if (plan.tokensPerSecond > 0)
        text += ", and a token takes about " + describeSeconds(1 / plan.tokensPerSecond)
            + (plan.isDiskMeasured ? " by the speed of this disk" : " if the disk is a fast one");
    return text + ". Other programs may become slower meanwhile.";
}

} // namespace ponder
