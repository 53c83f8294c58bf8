#include "engine/backend/gpu/expert_cost.h"

#include <algorithm>
#include <cmath>

namespace ponder {
namespace {

/// The fraction of its memory's bandwidth at which the processor's kernels read weights (kDecodeShare in
/// placement_plan.cpp, which is measured).
constexpr double kMemoryFraction = 0.5;

double flops(const ExpertWork& work)
{
    return 2.0 * static_cast<double>(work.tokens) * static_cast<double>(work.used)
        * static_cast<double>(work.expertWeights);
}

double chosenBytes(const ExpertWork& work)
{
    return expectedExperts(work.tokens, work.experts, work.used)
        * static_cast<double>(work.expertBytes);
}

} // namespace

double expectedExperts(std::size_t tokens, std::size_t experts, std::size_t used)
{
    if (experts == 0)
        return 0;
    const double all = static_cast<double>(experts);
    const double missed = 1 - static_cast<double>(std::min(used, experts)) / all;
    return all * (1 - std::pow(missed, static_cast<double>(tokens)));
}

double streamingSeconds(const ExpertWork& work, const ExpertSpeeds& speeds)
{
    // A byte is read from the file's pages, written to pinned memory and read from there.
    const double copied
        = std::min({speeds.link, speeds.fill * speeds.fillThreads, speeds.memory / 3});
    return std::max(chosenBytes(work) / copied, flops(work) / speeds.gpuFlops);
}

double processorSeconds(const ExpertWork& work, const ExpertSpeeds& speeds)
{
    const double stream
        = 2.0 * static_cast<double>(work.tokens * work.hidden) * sizeof(float) / speeds.link;
    return stream
        + std::max(chosenBytes(work) / (kMemoryFraction * speeds.memory),
            flops(work) / (speeds.threadFlops * speeds.threads));
}

} // namespace ponder
