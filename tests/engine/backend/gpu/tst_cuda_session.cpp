// Sessions on an emulated GPU, through the entries of the module.
#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/backend/gpu/module.h"
#include "engine/generate/logit_statistics.h"
#include "tests/engine/backend/gpu/emulated_backend.h"

using namespace ponder;
using namespace ponder::test;
using kernels::cuda::EmulatedGpu;

namespace {

std::shared_ptr<const CudaModule> emulatedModule()
{
    return std::make_shared<const CudaModule>(cudaModuleEntries());
}

/// A prompt, and tokens drawn from there on.
std::vector<std::int32_t> drawn(
    Session& session, const Golden& golden, const SamplingOptions& options, std::size_t count)
{
    REQUIRE(session.prefill(std::span(golden.tokens).first(16)));
    Sampler sampler(options);
    std::vector<std::int32_t> ids;
    for (std::size_t i = 0; i < count; ++i) {
        const auto token = session.sample(sampler);
        REQUIRE_MESSAGE(token, (token ? "" : token.error().message));
        ids.push_back(token->id);
        REQUIRE(session.prefill(std::span(&ids.back(), 1)));
    }
    return ids;
}

} // namespace

TEST_CASE("the module lists the GPU, makes sessions on it, and measures it")
{
    const EmulatedGpu gpu;
    const auto cuda = emulatedModule();
    const auto gpus = cuda->devices();
    REQUIRE(gpus);
    REQUIRE(gpus->size() == 1);
    CHECK(gpus->front().availableBytes <= gpus->front().memoryBytes);
    CHECK(gpus->front().availableBytes > 0);
    const auto bandwidth = cuda->copyBandwidth(0);
    CHECK(bandwidth.has_value());

    const Golden golden = loadGolden("v2_lite");
    const auto exact = makeSession(golden, {.cuda = cuda, .cache = kernels::CacheType::F32});
    CHECK(exact->plan().device() == "cuda:0");
    CHECK(distance(allLogits(*exact, golden.tokens), golden.logits) < 1e-4);
    const auto usual = makeSession(golden, {.cuda = cuda});
    const double far = distance(allLogits(*usual, golden.tokens), golden.logits);
    CHECK(far > 1e-6); // a cache in bfloat16
    CHECK(far < 1e-2);
}

TEST_CASE("the self-check that the module offers passes: kernels, then whole models")
{
    const EmulatedGpu gpu;
    std::size_t told = 0;
    const auto checks
        = emulatedModule()->selfcheck(0, [&](const kernels::CheckResult&) { ++told; });
    REQUIRE(checks);
    CHECK(checks->size() == told);
    std::size_t products = 0, models = 0, others = 0;
    for (const kernels::CheckResult& check : *checks) {
        CAPTURE(check.name);
        CAPTURE(check.maxRelError);
        CHECK(check.ok);
        ++(check.name.starts_with("model: ")        ? models
                : check.name.starts_with("product") ? products
                                                    : others);
    }
    CHECK(models == 9); // three of them with experts in RAM, too, two with expanded prompts
    CHECK(products > 0);
    CHECK(others > 0);
}

TEST_CASE("a GPU too small for all experts: a session tells how many of those in use it had")
{
    const EmulatedGpu gpu;
    const Golden golden = loadGolden("v2_lite");
    // A little less memory each time, until some experts no longer fit and others may come and go.
    const PlacementRequest request{.contextLength = 64,
        .device = {DeviceChoice::Kind::Cuda},
        .cache = kernels::CacheType::F32};
    Machine machine = Machine::detect();
    machine.gpus = {{0, "Emulated GPU", 1ULL << 30U, 1ULL << 30U, 0}};
    auto plan = planPlacement(golden.model->network(), machine, request);
    while (plan && plan->gpu->expertCacheBytes == 0) {
        machine.gpus[0].availableBytes -= 16384;
        plan = planPlacement(golden.model->network(), machine, request);
    }
    REQUIRE(plan);
    emulation::machine().memory = emulation::machine().deviceBytes + machine.gpus[0].availableBytes;

    const auto session = makeSession(golden,
        {.contextLength = 64,
            .device = request.device,
            .cuda = emulatedModule(),
            .cache = kernels::CacheType::F32});
    REQUIRE(session->plan().gpu);
    CHECK(session->plan().gpu->expertCacheBytes == plan->gpu->expertCacheBytes);
    CHECK(session->plan().summary().find("that are used most") != std::string::npos);
    CHECK(session->plan().remark.empty());
    const auto tokens = std::span(golden.tokens);
    REQUIRE(session->prefill(tokens.first(8)));
    for (std::size_t i = 8; i < 30; ++i)
        REQUIRE(session->prefill(tokens.subspan(i, 1)));
    const std::size_t vocabulary = golden.model->info().vocabularySize;
    CHECK(
        distance(*session->logits(), std::span(golden.logits).subspan(29 * vocabulary, vocabulary))
        < 1e-4);
    const BackendReport report = session->report();
    CHECK(report.expertSlots > 0);
    CHECK(report.linkBandwidth > 0);
    CHECK(report.choices > 0);
    CHECK(report.expertsBrought > 0);
    CHECK(report.residentChoices < report.choices);
    MESSAGE(report.expertSlots << " slots, " << report.hitRate() << " of choices there");
    CHECK(makeSession(golden)->report().expertSlots == 0);
}

TEST_CASE("a GPU draws the processor's tokens, and hands logits over when they are asked for")
{
    const EmulatedGpu gpu;
    const Golden golden = loadGolden("v3_yarn");
    struct Row {
        float temperature, topP, penalty;
    };
    for (const Row& row : {Row{0, 1, 1}, Row{0.6F, 0.95F, 1}, Row{1, 1, 1}, Row{0, 1, 1.3F}}) {
        SamplingOptions options;
        options.temperature = row.temperature;
        options.topP = row.topP;
        options.repetitionPenalty = row.penalty;
        options.seed = 11;
        const auto onCpu = makeSession(golden);
        const auto onGpu
            = makeSession(golden, {.cuda = emulatedModule(), .cache = kernels::CacheType::F32});
        REQUIRE(onGpu->plan().device() == "cuda:0");
        CHECK(drawn(*onGpu, golden, options, 8) == drawn(*onCpu, golden, options, 8));
        const auto expected = onCpu->logits();
        const auto made = onGpu->logits();
        REQUIRE(made);
        REQUIRE(made->size() == expected->size());
        CHECK(distance(*made, *expected) < 1e-4);
    }
}

TEST_CASE("a step's summary is that of its logits, recorded or not, alone or behind a prompt")
{
    const EmulatedGpu gpu;
    const Golden golden = loadGolden("v2_lite");
    const Network& network = golden.model->network();
    for (const bool records : {true, false}) {
        const auto backend
            = makeEmulated(network, planWith(network, {}), {.recordsSteps = records});
        std::size_t position = 0;
        for (const std::size_t tokens : {16U, 1U, 1U, 3U}) {
            CAPTURE(position);
            const kernels::Draw draw{
                1 / (0.5F + 0.1F * static_cast<float>(position)), position == 0 ? -1 : 0.3};
            const auto made = evaluated(*backend,
                {.tokens = std::span(golden.tokens).subspan(position, tokens),
                    .position = position,
                    .logits = {tokens - 1, 1},
                    .summary = true,
                    .draw = draw});
            const auto& summary = made.summary;
            REQUIRE(summary);
            const std::vector<float>& logits = made.logits;
            const kernels::LogitSummary wanted = measureLogits(logits);
            CHECK(summary->valid == 1);
            CHECK(summary->logSum == doctest::Approx(wanted.logSum).epsilon(1e-5));
            CHECK(std::equal(wanted.ids, wanted.ids + wanted.count, summary->ids));
            std::vector<float> weights = logits;
            const double sum = exponentiate(weights, wanted.max, summary->draw.inverseTemperature);
            CHECK(summary->scaledSum == doctest::Approx(sum).epsilon(1e-5));
            CHECK(summary->draw == draw);
            if (position == 0) {
                CHECK(summary->drawn == -1);
            } else {
                const std::int32_t drawn
                    = findMass(weights, std::numeric_limits<float>::min(), draw.unit * sum);
                CHECK(summary->drawn == drawn);
            }
            position += tokens;
        }
    }
}

TEST_CASE("a GPU that is lost while its logits are fetched ends the call and empties the session")
{
    const EmulatedGpu gpu;
    const Golden golden = loadGolden("v2_lite");
    const auto session = makeSession(golden, {.cuda = emulatedModule()});
    REQUIRE(session->prefill(std::span(golden.tokens).first(4)));
    // Fetching launches no kernel, so the loss is that of another session's.
    const auto other = makeSession(golden, {.cuda = emulatedModule()});
    emulation::machine().launchesUntilLoss = 0;
    REQUIRE(!other->prefill(std::span(golden.tokens).first(4)));
    SamplingOptions all;
    all.topP = 1;
    Sampler sampler(all);
    const auto token = session->sample(sampler);
    REQUIRE(!token);
    CHECK(token.error().code == ErrorCode::DeviceLost);
    CHECK(session->tokens().empty());
    CHECK(session->logits()->empty());
    emulation::resetMachine();
    REQUIRE(session->prefill(std::span(golden.tokens).first(4)));
    CHECK(session->plan().device() == "cpu");
    CHECK(session->sample(sampler).has_value());
}
