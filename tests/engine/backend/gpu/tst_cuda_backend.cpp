// The GPU's backend, emulated, against the exact logits and against the processor's backend.
#include "tests/engine/backend/gpu/emulated_backend.h"

#include "engine/backend/cpu/cpu_backend.h"
#include "engine/plan/placed_weights.h"

using namespace ponder;
using namespace ponder::test;
using kernels::CacheType;
using kernels::cuda::EmulatedGpu;

namespace {

constexpr std::size_t kPrompt = 33; // of a golden model's 40 tokens; the rest is decoded

/// A prompt in one batch, the rest token by token: how far that is from the golden logits.
double distanceOf(const Golden& golden, Backend& backend, std::size_t batch = kPrompt)
{
    const auto tokens = std::span(golden.tokens);
    std::vector<float> all = logitsOf(backend, tokens.first(kPrompt), batch);
    const std::vector<float> rest = logitsOf(backend, tokens.subspan(kPrompt), 1, kPrompt);
    all.insert(all.end(), rest.begin(), rest.end());
    return distance(all, golden.logits);
}

/// The same for the processor.
double distanceOnCpu(const Golden& golden)
{
    const auto backend
        = makeCpuBackend(golden.model->network(), {.contextLength = 64, .threads = 1});
    REQUIRE(backend);
    return distanceOf(golden, **backend);
}

} // namespace

TEST_CASE("float weights give Hugging Face's logits, prompt and decoding")
{
    for (const std::string name : {"v3_yarn", "v3_unsplit", "v3_both_fused_tied", "v2_groups",
             "v2_lite", "llama", "llama_odd_tied", "llama_linear", "qwen2_yarn", "qwen3",
             "qwen3moe", "gpt_oss", "gpt_oss_mxfp4"}) {
        CAPTURE(name);
        const EmulatedGpu gpu;
        const Golden golden = loadGolden(name);
        const Network& network = golden.model->network();
        const auto backend
            = makeEmulated(network, planWith(network, {}, kPrompt), {.cache = CacheType::F32});
        const double far = distanceOf(golden, *backend);
        MESSAGE(name << ": " << far);
        CHECK(far < 1e-4);
        // Every step of one token: kernels were loaded before the first.
        CHECK(emulation::machine().graphLaunches == golden.tokens.size() - kPrompt);

        // Every token's experts; of the last one they are known.
        const std::size_t count = golden.tokens.size() - kPrompt;
        const auto again = evaluated(*backend,
            {.tokens = std::span(golden.tokens).last(count),
                .position = kPrompt,
                .routing = RoutingOf::AllTokens});
        CHECK(again.routing.size() == golden.facts["experts"].size());
        for (const LayerRouting& layer : again.routing) {
            CHECK(layer.experts.size() % count == 0);
            CHECK(layer.weights.size() == layer.experts.size());
            const std::size_t used = layer.experts.size() / count;
            std::vector<std::int32_t> chosen(
                layer.experts.end() - static_cast<std::ptrdiff_t>(used), layer.experts.end());
            std::ranges::sort(chosen);
            CHECK(chosen
                == golden.facts["experts"][std::to_string(layer.layer)]
                    .get<std::vector<std::int32_t>>());
        }
    }
}

TEST_CASE("quantised weights are no further from the exact logits than on the processor")
{
    for (const std::string name : {"v3_q8_0", "v3_q4_k", "v3_q6_k", "v3_mixed"}) {
        CAPTURE(name);
        const EmulatedGpu gpu;
        const Golden golden = loadGolden(name);
        const Network& network = golden.model->network();
        const auto backend
            = makeEmulated(network, planWith(network, {}, 8), {.cache = CacheType::F32});
        const double far = distanceOf(golden, *backend, 8);
        const double onCpu = distanceOnCpu(golden);
        MESSAGE(name << ": " << far << ", processor " << onCpu);
        CHECK(far <= 1.1 * onCpu);
    }
}

TEST_CASE("a cache in bfloat16 costs some accuracy, and no more than its rounding")
{
    for (const std::string name : {"v3_yarn", "llama", "gpt_oss"}) {
        CAPTURE(name);
        const EmulatedGpu gpu;
        const Golden golden = loadGolden(name);
        const Network& network = golden.model->network();
        const auto backend = makeEmulated(network, planWith(network, {}, kPrompt));
        const double far = distanceOf(golden, *backend);
        MESSAGE(name << ": " << far);
        CHECK(far > 1e-6);
        CHECK(far < 1e-2);
    }
}

TEST_CASE("a cache in 8 bits costs more of it, in every family")
{
    for (const std::string name :
        {"v3_yarn", "v2_lite", "v3_unsplit", "llama", "llama_odd_tied", "qwen3", "gpt_oss"}) {
        CAPTURE(name);
        const EmulatedGpu gpu;
        const Golden golden = loadGolden(name);
        const Network& network = golden.model->network();
        const auto backend
            = makeEmulated(network, planWith(network, {}, kPrompt), {.cache = CacheType::Fp8});
        const double far = distanceOf(golden, *backend);
        MESSAGE(name << ": " << far);
        CHECK(far > 1e-4);
        CHECK(far < 5e-2);
    }
}

TEST_CASE("a prompt over keys and values of single heads gives what one over latents gives")
{
    // v3_yarn has its keys apart (attn_k_b), v3_unsplit in one matrix with its values, v2_lite has no query
    // latent. On both sides of the border, in pieces of the positions and (v2_lite) in one.
    struct Row {
        const char* model;
        CacheType cache;
        std::size_t most;
        double apart;
    };
    for (const Row& row :
        {Row{"v3_yarn", CacheType::F32, 5, 1e-5}, Row{"v3_unsplit", CacheType::F32, 5, 1e-5},
            Row{"v2_lite", CacheType::Bf16, 1000, 2e-2},
            Row{"v3_mixed", CacheType::Fp8, 3, 5e-2}}) {
        CAPTURE(row.model);
        const EmulatedGpu gpu;
        const Golden golden = loadGolden(row.model);
        const Network& network = golden.model->network();
        const PlacementPlan plan = planWith(network, {}, kPrompt);
        const auto with = [&](const PromptOptions& prompt) {
            return makeEmulated(network, plan, {.cache = row.cache, .prompt = prompt});
        };
        const auto latents = with({.fewestTokens = 1000});
        const auto expanded = with({.fewestTokens = 15,
            .mostPositions = row.most,
            .fewestPositions = 1,
            .weighsCost = false});
        const auto tokens = std::span(golden.tokens);
        const auto few = tokens.first(14);
        CHECK(logitsOf(*expanded, few, 14) == logitsOf(*latents, few, 14));
        // After cached positions, too: the second batch begins at 16.
        const auto prompt = tokens.first(32);
        const double apart
            = distance(logitsOf(*expanded, prompt, 16), logitsOf(*latents, prompt, 16));
        MESSAGE(row.model << ": " << apart);
        CHECK(apart > 0);
        CHECK(apart < row.apart);
        // Decoding goes on over what both left in the cache.
        const auto next = tokens.subspan(32, 1);
        CHECK(distance(logitsOf(*expanded, next, 1, 32), logitsOf(*latents, next, 1, 32))
            < row.apart);
        if (row.cache == CacheType::F32)
            CHECK(distanceOf(golden, *expanded) < 1e-4);
    }
}

TEST_CASE("whatever the GPU holds, the processor does the rest, with the same results")
{
    struct Row {
        const char* model;
        Share share;
    };
    const Row rows[] = {
        {"v2_lite", {1000, 0}}, // attention there, all feed-forwards here
        {"v2_lite", {1000, 2}}, // one layer of experts there, one here
        {"v2_lite", {1, 0}}, // one layer's attention there, the other layers here in whole
        {"v2_lite", {2, 2}}, {"v3_yarn", {1000, 1}},
        {"gpt_oss", {1000, 0}}, // biases, sinks, windows
        {"llama_odd_tied", {1, 1}}, {"llama_odd_tied", {1000, 1}}, // dense layers
    };
    for (const Row& row : rows) {
        CAPTURE(row.model);
        CAPTURE(row.share.attention);
        CAPTURE(row.share.feedForward);
        const EmulatedGpu gpu;
        const Golden golden = loadGolden(row.model);
        const Network& network = golden.model->network();
        const PlacementPlan plan = planWith(network, row.share, kPrompt);
        const auto backend = makeEmulated(network, plan, {.cache = CacheType::F32});
        CHECK(distanceOf(golden, *backend) < 1e-4);
        CHECK(routedLayersOf(*backend, golden.tokens.back(), golden.tokens.size() - 1)
            == routedLayersOf(network));
    }
}

TEST_CASE("a layer of a step takes few launches")
{
    struct Row {
        const char* model;
        std::size_t attention;
    };
    // MLA: projections (one more where queries have a latent), keys' matrices, attention, values' matrices,
    // output. GQA: projections, preparing, attention, joining, output.
    for (const Row& row : {Row{"v2_lite", 5}, Row{"v3_yarn", 6}, Row{"v3_unsplit", 6},
             Row{"qwen3moe", 5}, Row{"gpt_oss", 5}, Row{"llama", 5}}) {
        CAPTURE(row.model);
        const EmulatedGpu gpu;
        const Golden golden = loadGolden(row.model);
        const Network& network = golden.model->network();
        const auto backend
            = makeEmulated(network, planWith(network, {}, 8), {.recordsSteps = false});
        (void)logitsOf(*backend, std::span(golden.tokens).first(1), 1);
        const std::size_t before = emulation::machine().launches;
        (void)logitsOf(*backend, std::span(golden.tokens).subspan(1, 1), 1, 1);
        std::size_t most = 2; // embedding, head
        std::vector<kernels::RopeParams> ropes;
        for (const Layer& layer : network.layers) {
            // A feed-forward: scores, hidden numbers (the choice on the way), down.
            most += row.attention + (isRouted(layer) ? 3 : 2);
            if (std::ranges::find(ropes, ropeOf(layer)) == ropes.end())
                ropes.push_back(ropeOf(layer));
        }
        CHECK(emulation::machine().launches - before == most + ropes.size());
    }
}

TEST_CASE("a step gives the same bits recorded and kernel by kernel, and in any company")
{
    for (const std::string name : {"v2_lite", "v3_q4_k", "qwen3"}) {
        CAPTURE(name);
        const EmulatedGpu gpu;
        const Golden golden = loadGolden(name);
        const Network& network = golden.model->network();
        const PlacementPlan plan = planWith(network, {}, 8);
        const auto tokens = std::span(golden.tokens).first(12);
        const auto recorded = makeEmulated(network, plan);
        const auto single = makeEmulated(network, plan, {.recordsSteps = false});
        const auto expected = logitsOf(*single, tokens, 1);
        CHECK(logitsOf(*recorded, tokens, 1) == expected);
        CHECK(distance(logitsOf(*recorded, tokens, 5), expected) < 1e-5);
    }
}

TEST_CASE("cut back and gone on from there, as if nothing else had been")
{
    struct Row {
        Share share;
        CacheType cache = CacheType::Bf16;
    };
    for (const auto& [share, cache] : {Row{{}}, Row{{}, CacheType::Fp8}, Row{{1, 1}},
             Row{{1000, 0}}, Row{{1000, 0}, CacheType::Fp8}}) {
        CAPTURE(share.attention);
        CAPTURE(share.feedForward);
        CAPTURE(static_cast<int>(cache));
        const EmulatedGpu gpu;
        const Golden golden = loadGolden("v2_lite");
        const Network& network = golden.model->network();
        const auto tokens = std::span(golden.tokens);
        const auto straight = makeEmulated(network, planWith(network, share), {.cache = cache});
        (void)logitsOf(*straight, tokens.first(10), 10);
        const auto expected = logitsOf(*straight, tokens.subspan(10, 3), 1, 10);

        const auto cut = makeEmulated(network, planWith(network, share), {.cache = cache});
        (void)logitsOf(*cut, tokens.first(10), 10);
        (void)logitsOf(*cut, tokens.subspan(20, 4), 1, 10); // another way to go on
        cut->truncate(10);
        CHECK(logitsOf(*cut, tokens.subspan(10, 3), 1, 10) == expected);
        // A batch that was cancelled half-way is evaluated over.
        int asked = 0;
        const auto left = evaluated(*cut,
            {.tokens = tokens.subspan(30, 3), .position = 13, .logits = {0, 3}, .stop = [&asked] {
                 return ++asked == 2;
             }});
        CHECK(left.cancelled);
        CHECK(left.logits.empty());
        cut->truncate(11);
        CHECK(logitsOf(*cut, tokens.subspan(11, 1), 1, 11)
            == std::vector<float>(expected.begin() + network.vocabularySize,
                expected.begin() + 2 * network.vocabularySize));
    }
}
