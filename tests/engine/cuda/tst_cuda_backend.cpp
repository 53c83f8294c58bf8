// The GPU's backend, emulated, against the exact logits and against the processor's backend.
#include "tests/engine/cuda/emulated_backend.h"

#include "engine/run/cpu_backend.h"
#include "engine/run/placed_weights.h"

using namespace ponder;
using namespace ponder::test;
using kernels::cuda::CacheType;
using kernels::cuda::EmulatedGpu;

namespace {

constexpr std::size_t kPrompt = 33; // of a golden model's 40 tokens; the rest is decoded

/// A prompt in one batch, the rest token by token: how far that is from the golden logits.
double distanceOf(const Golden& golden, Backend& backend, std::size_t batch = kPrompt)
{
    const Network& network = golden.model->network();
    const auto tokens = std::span(golden.tokens);
    std::vector<float> all = logitsOf(network, backend, tokens.first(kPrompt), batch);
    const std::vector<float> rest = logitsOf(network, backend, tokens.subspan(kPrompt), 1, kPrompt);
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
        // All but the first step, with which kernels are loaded.
        CHECK(emulation::machine().graphLaunches == golden.tokens.size() - kPrompt - 1);

        // The last token's experts.
        for (std::size_t layer = 0; layer < network.layers.size(); ++layer) {
            const ExpertChoice choice = backend->lastChoice(layer);
            std::vector<std::int32_t> chosen(choice.experts.begin(), choice.experts.end());
            std::ranges::sort(chosen);
            const std::string key = std::to_string(layer);
            CHECK(chosen
                == (golden.facts["experts"].contains(key)
                        ? golden.facts["experts"][key].get<std::vector<std::int32_t>>()
                        : std::vector<std::int32_t>{}));
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
        for (std::size_t layer = 0; layer < network.layers.size(); ++layer)
            CHECK(backend->lastChoice(layer).experts.empty() == !isRouted(network.layers[layer]));
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
        const auto expected = logitsOf(network, *single, tokens, 1);
        CHECK(logitsOf(network, *recorded, tokens, 1) == expected);
        CHECK(distance(logitsOf(network, *recorded, tokens, 5), expected) < 1e-5);
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
        (void)logitsOf(network, *straight, tokens.first(10), 10);
        const auto expected = logitsOf(network, *straight, tokens.subspan(10, 3), 1, 10);

        const auto cut = makeEmulated(network, planWith(network, share), {.cache = cache});
        (void)logitsOf(network, *cut, tokens.first(10), 10);
        (void)logitsOf(network, *cut, tokens.subspan(20, 4), 1, 10); // another way to go on
        cut->truncate(10);
        CHECK(logitsOf(network, *cut, tokens.subspan(10, 3), 1, 10) == expected);
        // A pass that was left half-way is done over.
        REQUIRE(cut->begin(tokens.subspan(30, 3), 13));
        cut->attention(0);
        cut->truncate(11);
        CHECK(logitsOf(network, *cut, tokens.subspan(11, 1), 1, 11)
            == std::vector<float>(expected.begin() + network.vocabularySize,
                expected.begin() + 2 * network.vocabularySize));
    }
}
