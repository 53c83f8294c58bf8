#include "app/cli.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <vector>

#include <nlohmann/json.hpp>

#include "app/terminal_text.h"
#include "engine/local_engine.h"

namespace ponder::cli {

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values)
{
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// Random ids: what a mixture of experts reads depends on the tokens, and equal ones would flatter it.
std::vector<int32_t> randomTokens(int count, uint32_t vocabulary, std::mt19937& random)
{
    std::vector<int32_t> tokens(static_cast<std::size_t>(count));
    for (auto& token : tokens)
        token = int32_t(random() % vocabulary);
    return tokens;
}

struct Rates {
    std::vector<double> prefill, decode; // tokens per second, one a run
    double bytesPerToken = 0; // in the middle of the decoded tokens
    double hitRate = 0; // of experts in RAM that the GPU had
};

Result<Rates> measure(Session& session, const BenchOptions& options)
{
    std::mt19937 random(1);
    const uint32_t vocabulary = session.model().info().vocabularySize;
    Rates rates;
    const auto depth = std::size_t(options.depth);
    if (auto ok = session.prefill(randomTokens(options.depth, vocabulary, random)); !ok)
        return tl::unexpected(ok.error());
    BackendReport before;
    // A first run that is not counted: it brings the weights into memory.
    for (int run = -1; run < options.repetitions; ++run) {
        if (run == 0)
            before = session.report();
        session.truncate(depth);
        const auto prompt = randomTokens(options.promptTokens, vocabulary, random);
        auto start = Clock::now();
        if (auto ok = session.prefill(prompt); !ok)
            return tl::unexpected(ok.error());
        if (run >= 0 && options.promptTokens > 0)
            rates.prefill.push_back(options.promptTokens / secondsSince(start));

        session.truncate(depth);
        start = Clock::now();
        const auto tokens = randomTokens(options.generatedTokens, vocabulary, random);
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            if (auto ok = session.prefill({&tokens[i], 1}); !ok)
                return tl::unexpected(ok.error());
            if (i == tokens.size() / 2)
                rates.bytesPerToken = double(session.decodeBytesPerToken());
        }
        if (run >= 0 && options.generatedTokens > 0)
            rates.decode.push_back(options.generatedTokens / secondsSince(start));
    }
    BackendReport counted = session.report();
    counted.choices -= before.choices;
    counted.residentChoices -= before.residentChoices;
    rates.hitRate = counted.hitRate();
    return rates;
}

} // namespace

Result<void> bench(const BenchOptions& options)
{
    const auto started = Clock::now();
    OpenRequest wanted;
    wanted.path = options.model;
    wanted.threads = unsigned(options.threads);
    wanted.device = options.device;
    wanted.cache = options.cache;
    wanted.largerThanMemory = options.largerThanMemory;
    wanted.strict = true;
    wanted.needsText
        = false; // made as before a first question, for its time, where there is a vocabulary
    const int64_t needed
        = int64_t(options.depth) + std::max(options.promptTokens, options.generatedTokens) + 1;
    wanted.contextLength = uint32_t(std::max<int64_t>(needed, kSmallestContext));
    LocalEngine engine;
    const auto model = engine.open(wanted, {}, {});
    if (!model)
        return tl::unexpected(model.error());
    Session& session = *engine.session();
    const double ready = secondsSince(started);

    auto rates = measure(session, options);
    if (!rates)
        return tl::unexpected(rates.error());
    const double prefill = median(rates->prefill), decode = median(rates->decode);
    const PlacementPlan& plan = session.plan();
    const auto measured = engine.measureBandwidth();
    if (!measured)
        return tl::unexpected(measured.error());
    const double bandwidth = *measured / 1e9;
    const double fraction = bandwidth > 0 ? decode * rates->bytesPerToken / 1e9 / bandwidth : 0;

    const BackendReport report = session.report();

    if (options.json) {
        const nlohmann::ordered_json result{
            {"model", model->name},
            {"quantisation", model->quantisation},
            {"prompt_tokens", options.promptTokens},
            {"generated_tokens", options.generatedTokens},
            {"depth", options.depth},
            {"repetitions", options.repetitions},
            {"ready_s", ready},
            {"prefill_tok_s", prefill},
            {"decode_tok_s", decode},
            {"decode_bytes_per_token", uint64_t(rates->bytesPerToken)},
            {"read_bandwidth_gb_s", bandwidth},
            {"bandwidth_fraction", fraction},
            {"device", plan.device()},
            {"threads", session.threads()},
            {"gpu", plan.gpu ? plan.gpu->gpu.name : ""},
            {"gpu_bytes_per_token", plan.gpu ? plan.gpu->bytesPerToken : 0},
            {"expert_cache",
                {{"bytes", report.expertCacheBytes}, {"slots", report.expertSlots},
                    {"hit_rate", rates->hitRate}, {"brought", report.expertsBrought}}},
            {"streamed_bytes", report.streamedBytes},
            {"link_gb_s", report.linkBandwidth / 1e9},
            {"remark", plan.remark.empty() ? engine.noGpuReason() : plan.remark},
        };
        std::printf("%s\n", result.dump().c_str());
        return {};
    }
    std::printf("%s, %s, %s, %u threads\n", safeText(model->name).c_str(),
        model->quantisation.c_str(), plan.device().c_str(), session.threads());
    if (plan.gpu)
        std::printf("plan     %s\n", plan.summary().c_str());
    sayRemark(plan.remark);
    std::printf("ready    %8.2f s after the start, with all weights in memory%s\n", ready,
        model->chatTemplate.empty() ? ", without a vocabulary" : "");
    std::printf("prefill  %8.2f tokens/s  (%d tokens behind %d, median of %d)\n", prefill,
        options.promptTokens, options.depth, options.repetitions);
    std::printf("decode   %8.2f tokens/s  (%d tokens after %d, median of %d)\n", decode,
        options.generatedTokens, options.depth, options.repetitions);
    std::printf("memory   %8.2f GB/s %s; decoding reads %.2f GB a token: %.0f %% of it\n",
        bandwidth, plan.gpu ? "copied by the GPU" : "read", rates->bytesPerToken / 1e9,
        100 * fraction);
    if (report.expertSlots > 0)
        std::printf("experts  %8.2f %% of those in RAM were on the GPU (room for %llu, %s)\n",
            100 * rates->hitRate, static_cast<unsigned long long>(report.expertSlots),
            describeBytes(report.expertCacheBytes).c_str());
    if (report.streamedBytes > 0)
        std::printf("link     %8.2f GB/s to the GPU; %s of experts went through it for prompts\n",
            report.linkBandwidth / 1e9, describeBytes(report.streamedBytes).c_str());
    return {};
}

} // namespace ponder::cli
