// What Backend::evaluate() promises, of the GPU's backend, emulated: all layers on the GPU, and split with the CPU.
#include "tests/engine/backend/gpu/emulated_backend.h"

#include "engine/backend/cpu/cpu_backend.h"

using namespace ponder;
using namespace ponder::test;
using kernels::CacheType;
using kernels::cuda::EmulatedGpu;

namespace {

constexpr std::size_t kContext = 64;

struct Row {
    const char* model;
    Share share = {};
    CacheType cache = CacheType::F32;
};
const Row kRows[] = {
    {"v2_lite"}, {"v2_lite", {}, CacheType::Bf16}, {"v3_yarn", {}, CacheType::Fp8},
    {"v2_lite", {1, 1}, CacheType::Bf16}, // the last layers on the CPU
    {"gpt_oss", {1, 0}, CacheType::Fp8},
    {"qwen3moe", {1000, 0}, CacheType::Bf16}, // all experts on the CPU
};

} // namespace

TEST_CASE("what is wanted of several tokens of a batch is what the CPU gives for them")
{
    constexpr std::size_t kFirst = 10;
    for (const Row& row : kRows) {
        if (row.cache != CacheType::F32 && row.share.attention > 1)
            continue; // the others compare exact caches
        CAPTURE(row.model);
        for (const std::size_t count : {std::size_t{1}, std::size_t{4}, std::size_t{12}}) {
            CAPTURE(count);
            const EmulatedGpu gpu;
            const Golden golden = loadGolden(row.model);
            const Network& network = golden.model->network();
            const auto backend
                = makeEmulated(network, planWith(network, row.share), {.cache = CacheType::F32});
            auto onCpu = makeCpuBackend(network, {.contextLength = kContext, .threads = 1});
            REQUIRE(onCpu);
            const Tokens tokens = golden.tokens;
            (void)logitsOf(*backend, tokens.first(kFirst), kFirst);
            (void)logitsOf(**onCpu, tokens.first(kFirst), kFirst);
            const std::size_t first = count / 3;
            const Batch batch{.tokens = tokens.subspan(kFirst, count),
                .position = kFirst,
                .logits = {first, count - first},
                .routing = RoutingOf::AllTokens,
                .hidden = {first, 1}};
            const Evaluated made = evaluated(*backend, batch);
            const Evaluated expected = evaluated(**onCpu, batch);
            CHECK(distance(made.logits, expected.logits) < 1e-4);
            CHECK(distance(made.hidden, expected.hidden) < 1e-4);
            REQUIRE(made.routing.size() == expected.routing.size());
            for (std::size_t i = 0; i < made.routing.size(); ++i) {
                CHECK(made.routing[i].layer == expected.routing[i].layer);
                CHECK(made.routing[i].experts == expected.routing[i].experts);
                CHECK(distance(made.routing[i].weights, expected.routing[i].weights) < 1e-4);
            }
            // The same rows of the same batch one by one, and tokens one by one.
            for (std::size_t i = 0; i < batch.logits.count; ++i) {
                const Evaluated one = evaluated(*backend,
                    {.tokens = batch.tokens, .position = kFirst, .logits = {first + i, 1}});
                const auto whole = std::span(made.logits)
                                       .subspan(i * network.vocabularySize, network.vocabularySize);
                CHECK(distance(one.logits, whole) < 1e-6);
            }
            const auto singly = logitsOf(*backend, batch.tokens, 1, kFirst);
            CHECK(distance(made.logits, std::span(singly).subspan(first * network.vocabularySize))
                < 1e-5);
        }
    }
}

TEST_CASE("the last token's logits are there without another pass, and only while it is the last")
{
    for (const bool records : {true, false}) {
        CAPTURE(records);
        const EmulatedGpu gpu;
        const Golden golden = loadGolden("v2_lite");
        const Network& network = golden.model->network();
        const auto backend
            = makeEmulated(network, planWith(network, {}), {.recordsSteps = records});
        const Tokens tokens = golden.tokens;
        for (const std::size_t count : {std::size_t{9}, std::size_t{1}}) {
            const std::size_t position = count == 9 ? 0 : 9;
            const Batch batch{
                .tokens = tokens.subspan(position, count), .position = position, .summary = true};
            (void)evaluated(*backend, batch);
            const Batch last{.tokens = batch.tokens.last(1),
                .position = position + count - 1,
                .logits = {0, 1},
                .hidden = {0, 1}};
            const std::size_t before = emulation::machine().launches;
            const auto graphs = emulation::machine().graphLaunches;
            const Evaluated again = evaluated(*backend, last);
            CHECK(emulation::machine().launches == before); // the summary needed the same logits
            CHECK(emulation::machine().graphLaunches == graphs);
            Batch whole = batch;
            whole.summary = false;
            whole.logits = whole.hidden = {count - 1, 1};
            const Evaluated expected = evaluated(*backend, whole);
            CHECK(again.logits == expected.logits);
            CHECK(again.hidden == expected.hidden);
            // Another token at that position is evaluated.
            Batch other = last;
            other.tokens = tokens.subspan(30, 1);
            CHECK(evaluated(*backend, other).logits != expected.logits);
            // And so is the token itself after a cut.
            (void)evaluated(*backend, batch);
            backend->truncate(position + count - 1);
            const auto passes = emulation::machine().launches + emulation::machine().graphLaunches;
            (void)evaluated(*backend, last);
            CHECK(emulation::machine().launches + emulation::machine().graphLaunches > passes);
            (void)evaluated(*backend, batch);
        }
    }
}

TEST_CASE("a cancelled batch gives nothing and can be evaluated again")
{
    for (const Share share : {Share{}, Share{1, 1}, Share{1000, 0}}) {
        CAPTURE(share.attention);
        CAPTURE(share.feedForward);
        const EmulatedGpu gpu;
        const Golden golden = loadGolden("v2_lite");
        const Network& network = golden.model->network();
        const auto backend = makeEmulated(network, planWith(network, share));
        checkCancellation(*backend, golden.tokens, 4, 5);
        checkCancellation(*backend, golden.tokens, 1, 3);
    }
}

TEST_CASE("a saved cache gives the same bits where it is loaded")
{
    for (const Row& row : kRows) {
        CAPTURE(row.model);
        CAPTURE(row.share.attention);
        CAPTURE(static_cast<int>(row.cache));
        const EmulatedGpu gpu;
        const Golden golden = loadGolden(row.model);
        const Network& network = golden.model->network();
        const PlacementPlan plan = planWith(network, row.share);
        const auto backend = makeEmulated(network, plan, {.cache = row.cache});
        const auto fresh = makeEmulated(network, plan, {.cache = row.cache});
        checkCacheRoundTrip(*backend, *fresh, golden.tokens);
    }
}

TEST_CASE("bytes that are no cache of this plan are refused")
{
    const EmulatedGpu gpu;
    const Golden golden = loadGolden("v2_lite");
    const Network& network = golden.model->network();
    const auto whole = makeEmulated(network, planWith(network, {}));
    checkCacheRefusals(*whole, golden.tokens, kContext);
    const auto split = makeEmulated(network, planWith(network, {1, 1}));
    checkCacheRefusals(*split, golden.tokens, kContext);
    CHECK(!split->loadCache({0, 8}, saved(*whole, {0, 8})));
    CHECK(!whole->loadCache({0, 8}, saved(*split, {0, 8})));

    // In f32 the rows are those of the CPU.
    const auto exact = makeEmulated(network, planWith(network, {}), {.cache = CacheType::F32});
    auto onCpu = makeCpuBackend(network, {.contextLength = kContext, .threads = 1});
    REQUIRE(onCpu);
    const Tokens tokens = golden.tokens;
    (void)logitsOf(**onCpu, tokens.first(8), 8);
    REQUIRE(exact->loadCache({0, 8}, saved(**onCpu, {0, 8})));
    CHECK(distance(logitsOf(*exact, tokens.subspan(8, 1), 1, 8),
              logitsOf(**onCpu, tokens.subspan(8, 1), 1, 8))
        < 1e-5);
}
