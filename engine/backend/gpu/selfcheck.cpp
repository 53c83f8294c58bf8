#include "engine/backend/gpu/selfcheck.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>

#include "engine/backend/cpu/cpu_backend.h"
#include "engine/backend/gpu/cuda_backend.h"
#include "engine/backend/gpu/random_network.h"
#include "engine/plan/expert_layout.h"
#include "kernels/cuda/runtime/devices.h"
#include "kernels/cuda/runtime/kernel_list.h"
#include "kernels/selfcheck/cuda_products.h"
#include "kernels/selfcheck/cuda_selfcheck.h"

namespace ponder {
namespace {

using kernels::CheckResult;

/// Whole models round their cache to bfloat16, and what they choose may follow.
constexpr double kModelLimit = 3e-2;

constexpr double kNoNumber = 1e9;
/// Experts that lie in RAM go through the GPU for the prompt, not for single tokens.
constexpr std::size_t kStreamedTokens = 2;

/// |a - b| / |b|, kNoNumber where a holds what is none.
double distance(std::span<const float> a, std::span<const float> b)
{
    double difference = 0;
    double size = 0;
    for (std::size_t i = 0; i < b.size(); ++i) {
        if (!std::isfinite(a[i]))
            return kNoNumber;
        const double d = static_cast<double>(a[i]) - static_cast<double>(b[i]);
        difference += d * d;
        size += static_cast<double>(b[i]) * static_cast<double>(b[i]);
    }
    return std::sqrt(difference / std::max(size, 1e-30));
}

CheckResult result(std::string name, double error, double limit)
{
    return {std::move(name), "cuda", error, limit, error <= limit};
}

/// Logits of each token: a prompt in one batch, then token by token.
Result<std::vector<float>> logitsOf(Backend& backend, std::span<const std::int32_t> tokens)
{
    const std::size_t prompt = tokens.size() / 2;
    std::vector<float> all;
    for (std::size_t done = 0; done < tokens.size();) {
        const std::size_t count = done == 0 ? prompt : 1;
        const auto made = backend.evaluate(
            {.tokens = tokens.subspan(done, count), .position = done, .logits = {0, count}});
        if (!made)
            return tl::unexpected(made.error());
        all.insert(all.end(), made->logits.begin(), made->logits.end());
        done += count;
    }
    return all;
}

/// How a model is checked.
enum class Way {
    OnGpu, ///< all of it
    ExpertsInRam, ///< streamed for the prompt, then as many kept as were used
    ExpandedPrompt, ///< attention over keys and values of single heads, a few positions at a time
};

bool hasLatents(const Network& network)
{
    return std::holds_alternative<MlaAttention>(network.layers.front().attention);
}

/// Room for all of the experts that lie in RAM, and to bring two of them at a time.
void giveRoom(GpuShare& share, const Network& network)
{
    for (const Layer& layer : network.layers) {
        const auto* moe = std::get_if<MoeFeedForward>(&layer.feedForward);
        const auto layout = moe != nullptr ? ExpertLayout::of(*moe) : std::nullopt;
        if (!layout)
            continue;
        const std::uint64_t half = layout->tableBytes() + 2 * layout->bytes();
        share.streamBytes = std::max(share.streamBytes, 2 * half);
        share.expertCacheBytes += layout->tableBytes() + layout->experts() * layout->bytes();
    }
}

Result<CheckResult> checkModel(int device, RandomNetwork::Kind kind, Way way)
{
    const RandomNetwork model(kind);
    const Network& network = model.network();
    PlacementPlan plan;
    plan.contextLength = 64;
    plan.batch = 64;
    plan.threads = 1;
    plan.gpu.emplace();
    plan.gpu->gpu.index = device;
    plan.gpu->layers.assign(network.layers.size(), {true, way != Way::ExpertsInRam});
    if (way == Way::ExpertsInRam)
        giveRoom(*plan.gpu, network);
    PromptOptions prompt;
    if (way == Way::ExpandedPrompt)
        prompt = {.fewestTokens = 9, .mostPositions = 5, .fewestPositions = 5, .weighsCost = false};
    auto onGpu = makeCudaBackend(network, plan, {.streamsFrom = kStreamedTokens, .prompt = prompt});
    if (!onGpu)
        return tl::unexpected(onGpu.error());
    auto onCpu = makeCpuBackend(network, {.contextLength = 64, .batch = 16, .threads = 1});
    if (!onCpu)
        return tl::unexpected(onCpu.error());
    std::vector<std::int32_t> tokens(way == Way::OnGpu ? 16 : 28);
    for (std::size_t i = 0; i < tokens.size(); ++i)
        tokens[i] = static_cast<std::int32_t>((i * 37 + 5) % network.vocabularySize);
    const auto made = logitsOf(**onGpu, tokens);
    if (!made)
        return tl::unexpected(made.error());
    const auto expected = logitsOf(**onCpu, tokens);
    if (!expected)
        return tl::unexpected(expected.error());
    std::string name = std::string("model: ") + RandomNetwork::name(kind);
    double error = distance(*made, *expected);
    if (way == Way::ExpandedPrompt)
        name += ", expanded prompt";
    if (way == Way::ExpertsInRam) {
        const BackendReport report = (*onGpu)->report();
        name += ", experts in RAM";
        if (report.streamedBytes == 0 || report.choices == 0 || !report.remark.empty())
            error = kNoNumber; // not what was to be checked
    }
    return result(std::move(name), error, kModelLimit);
}

} // namespace

Result<std::vector<CheckResult>> checkCuda(
    int device, const CheckProgress& progress, CheckSizes sizes)
{
    using kernels::cuda::Outcome;
    using kernels::cuda::Status;
    std::vector<CheckResult> results;
    Status used = kernels::cuda::useDevice(device);
    if (used.ok())
        used = kernels::cuda::prepareKernels();
    if (!used.ok())
        return tl::unexpected(cudaError(used));
    const auto limits = kernels::cuda::deviceLimits(device);
    if (!limits)
        return tl::unexpected(cudaError(limits.error()));
    const auto keep = [&results](Outcome<std::vector<CheckResult>> checks) -> Status {
        if (!checks)
            return checks.error();
        std::ranges::move(*checks, std::back_inserter(results));
        return {};
    };
    Status status = keep(kernels::cuda::checkProducts(
        {.limits = *limits, .large = sizes == CheckSizes::Real}, progress));
    if (status.ok())
        status = keep(kernels::cuda::selfcheck(*limits, progress));
    if (!status.ok())
        return tl::unexpected(cudaError(status, true));
    for (const auto way : {Way::OnGpu, Way::ExpertsInRam, Way::ExpandedPrompt}) {
        for (const auto kind : RandomNetwork::kKinds) {
            if ((way == Way::ExpertsInRam && !RandomNetwork::isRouted(kind))
                || (way == Way::ExpandedPrompt && !hasLatents(RandomNetwork(kind).network())))
                continue;
            auto check = checkModel(device, kind, way);
            if (!check)
                return tl::unexpected(check.error());
            if (progress)
                progress(*check);
            results.push_back(std::move(*check));
        }
    }
    return results;
}

} // namespace ponder
