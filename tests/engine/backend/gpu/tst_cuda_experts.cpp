// Experts that lie in RAM and come to the GPU: streamed for batches, kept there while they are used. Emulated.
#include "tests/engine/backend/gpu/emulated_backend.h"

#include "engine/plan/placed_weights.h"

using namespace ponder;
using namespace ponder::test;
using kernels::CacheType;
using kernels::cuda::EmulatedGpu;

namespace {

constexpr std::size_t kTokens = 20; // of a golden model's 40
constexpr std::size_t kPrompt = 16; // of these; the rest is decoded
constexpr Share kNoExperts{1000, 0}; // all attention on the GPU, all large feed-forwards in RAM

CudaBackendOptions streaming(std::size_t from, bool waits = true)
{
    CudaBackendOptions options;
    options.cache = CacheType::F32;
    options.streamsFrom = from;
    options.waitsForExperts = waits;
    return options;
}
constexpr std::size_t kNever = 1000000;

/// The prompt in batches, the rest token by token.
std::vector<float> allLogits(const Golden& golden, Backend& backend, std::size_t batch = kPrompt)
{
    const auto tokens = std::span(golden.tokens).first(kTokens);
    std::vector<float> all = logitsOf(backend, tokens.first(kPrompt), batch);
    const std::vector<float> rest = logitsOf(backend, tokens.subspan(kPrompt), 1, kPrompt);
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
}

/// How far that is from the exact logits.
double distanceOf(const Golden& golden, std::span<const float> made)
{
    return distance(made, std::span(golden.logits).first(made.size()));
}

std::size_t routedLayers(const Network& network)
{
    return static_cast<std::size_t>(std::ranges::count_if(network.layers, isRouted));
}

std::size_t used(const Network& network)
{
    for (const Layer& layer : network.layers)
        if (const auto* moe = std::get_if<MoeFeedForward>(&layer.feedForward))
            return moe->routing.used;
    return 0;
}

PlacementPlan planFor(const Network& network, const Moving& moving, const Share& share = kNoExperts)
{
    PlacementPlan plan = planWith(network, share, kPrompt);
    giveRoom(plan, network, moving);
    return plan;
}

constexpr const char* kRouted[] = {"v3_yarn", "v3_both_fused_tied", "v2_groups", "v2_lite",
    "qwen3moe", "gpt_oss", "gpt_oss_mxfp4"};

} // namespace

TEST_CASE("streamed in chunks of any size, experts give the exact logits")
{
    for (const char* name : kRouted) {
        const Golden golden = loadGolden(name);
        const Network& network = golden.model->network();
        for (const std::size_t chunk : {1U, 3U, 100U}) {
            if (chunk != 3 && name != std::string("gpt_oss") && name != std::string("v2_lite"))
                continue;
            CAPTURE(name);
            CAPTURE(chunk);
            const EmulatedGpu gpu;
            const auto backend = makeEmulated(network, planFor(network, {chunk, 0}), streaming(2));
            const auto tokens = std::span(golden.tokens).first(14);
            const auto made = logitsOf(*backend, tokens, 11); // and three at once
            CHECK(distanceOf(golden, made) < 1e-4);
            const BackendReport report = backend->report();
            CHECK(report.streamedBytes > 0);
            CHECK(report.linkBandwidth > 0);
            CHECK(report.remark.empty());
            CHECK(report.expertCacheBytes == 0);
            CHECK(routedLayersOf(*backend, tokens.back(), tokens.size() - 1)
                == routedLayersOf(network));
        }
    }
}

TEST_CASE("quantised experts are streamed as they are, in short batches and long ones")
{
    const Golden golden = loadGolden("v3_mixed");
    const Network& network = golden.model->network();
    const EmulatedGpu gpu;
    const auto processor = makeEmulated(network, planFor(network, {}), streaming(kNever));
    const double onProcessor = distanceOf(golden, allLogits(golden, *processor));
    for (const std::size_t batch : {3U, 16U}) {
        CAPTURE(batch);
        const auto backend = makeEmulated(network, planFor(network, {2, 0}), streaming(2));
        CHECK(distanceOf(golden, allLogits(golden, *backend, batch)) < 1.1 * onProcessor);
        CHECK(backend->report().streamedBytes > 0);
    }
}

TEST_CASE("only experts that somebody chose are copied")
{
    const Golden golden = loadGolden("v2_lite");
    const Network& network = golden.model->network();
    const EmulatedGpu gpu;
    CudaBackendOptions options = streaming(1);
    options.recordsSteps = false; // single tokens, too
    const auto backend = makeEmulated(network, planFor(network, {100, 0}), options);
    (void)logitsOf(*backend, std::span(golden.tokens).first(1), 1);
    std::uint64_t most = 0;
    for (const Layer& layer : network.layers)
        if (const auto* moe = std::get_if<MoeFeedForward>(&layer.feedForward)) {
            const auto layout = ExpertLayout::of(*moe);
            most += layout->tableBytes() + moe->routing.used * layout->bytes();
        }
    CHECK(backend->report().streamedBytes == most);
}

TEST_CASE("short batches stay on the processor where the plan says so by itself")
{
    const Golden golden = loadGolden("v2_lite");
    const Network& network = golden.model->network();
    const EmulatedGpu gpu;
    const auto backend = makeEmulated(network, planFor(network, {2, 0}), {.cache = CacheType::F32});
    CHECK(distance(logitsOf(*backend, std::span(golden.tokens).first(1), 1),
              std::span(golden.logits).first(network.vocabularySize))
        < 1e-4);
    CHECK(backend->report().streamedBytes == 0);
}

TEST_CASE("with the hottest experts on the GPU the logits stay exact, and the hits are counted")
{
    for (const char* name : kRouted) {
        const Golden golden = loadGolden(name);
        const Network& network = golden.model->network();
        for (const std::size_t slots : {1U, 4U, 100U}) {
            if (slots != 4 && name != std::string("gpt_oss") && name != std::string("v2_lite"))
                continue;
            CAPTURE(name);
            CAPTURE(slots);
            const EmulatedGpu gpu;
            CudaBackendOptions options = streaming(kNever);
            options.recordsSteps = name != std::string("v2_lite");
            const auto backend = makeEmulated(network, planFor(network, {0, slots}), options);
            const auto tokens = std::span(golden.tokens).first(16);
            const auto made = logitsOf(*backend, tokens, 1);
            CHECK(distanceOf(golden, made) < 1e-4);
            const BackendReport report = backend->report();
            CHECK(report.expertSlots > 0);
            CHECK(report.residentExperts <= report.expertSlots);
            CHECK(report.choices == tokens.size() * used(network) * routedLayers(network));
            CHECK(report.residentChoices > 0);
            CHECK(report.residentChoices < report.choices);
            CHECK(report.expertsBrought >= report.residentExperts);
            if (slots == 100) // room for all
                CHECK(report.hitRate() > 0.3);
            MESSAGE(std::string(name)
                << ", " << report.expertSlots << " slots: " << report.hitRate() << " of choices, "
                << report.expertsBrought << " brought");
        }
    }
}

TEST_CASE("in a cache of a few slots experts make room for others")
{
    const Golden golden = loadGolden("v3_yarn");
    const Network& network = golden.model->network();
    const EmulatedGpu gpu;
    const auto backend = makeEmulated(network, planFor(network, {0, 3}), streaming(kNever));
    std::vector<std::int32_t> tokens; // first one thing over and over, then another
    for (int i = 0; i < 30; ++i)
        tokens.push_back(golden.tokens[i < 15 ? 3 : 17]);
    const auto cached = logitsOf(*backend, tokens, 1);
    const BackendReport report = backend->report();
    CHECK(report.expertSlots == 3);
    CHECK(report.residentExperts <= 3);
    CHECK(report.expertsBrought > 3);
    CHECK(report.residentChoices > 15);
    const auto without = makeEmulated(network, planFor(network, {}), streaming(kNever));
    CHECK(distance(cached, logitsOf(*without, tokens, 1)) < 1e-5);
}

TEST_CASE("streamed prompts and cached experts together, with some layers whole on the GPU")
{
    for (const char* name : {"v2_lite", "v3_yarn"}) {
        for (const bool waits : {true, false}) {
            if (!waits && name != std::string("v3_yarn"))
                continue;
            CAPTURE(name);
            CAPTURE(waits);
            const EmulatedGpu gpu;
            const Golden golden = loadGolden(name);
            const Network& network = golden.model->network();
            const Share share{1000, name == std::string("v2_lite") ? std::size_t{2} : 0};
            const auto backend
                = makeEmulated(network, planFor(network, {2, 4}, share), streaming(4, waits));
            // Batches, and steps, in turn: a resident expert is not uploaded.
            for (int round = 0; round < 2; ++round) {
                CHECK(distanceOf(golden, allLogits(golden, *backend, round == 1 ? 5 : kPrompt))
                    < 1e-4);
                backend->truncate(0);
            }
            CHECK(backend->report().streamedBytes > 0);
            if (waits)
                CHECK(backend->report().residentChoices > 0);
        }
    }
}

TEST_CASE("the last layers in whole on the processor, and streamed ones before")
{
    const Golden golden = loadGolden("v2_lite");
    const Network& network = golden.model->network();
    const EmulatedGpu gpu;
    const auto backend = makeEmulated(network, planFor(network, {3, 2}, {2, 0}), streaming(2));
    CHECK(distanceOf(golden, allLogits(golden, *backend)) < 1e-4);
}

TEST_CASE("a pass that was left while experts were on their way is done over")
{
    const Golden golden = loadGolden("v2_groups");
    const Network& network = golden.model->network();
    const auto tokens = std::span(golden.tokens);
    const EmulatedGpu gpu;
    const auto backend = makeEmulated(network, planFor(network, {2, 3}), streaming(2));
    for (std::size_t left = 1; left <= network.layers.size(); ++left) {
        CAPTURE(left);
        std::size_t asked = 0; // before each layer: what comes next has been read ahead
        CHECK(evaluated(*backend,
            {.tokens = tokens.first(12), .stop = [&] {
                 return ++asked > left;
             }}).cancelled);
        backend->truncate(0);
        const auto made = logitsOf(*backend, tokens.first(12), 9);
        CHECK(distanceOf(golden, made) < 1e-4);
    }
    CHECK(network.layers.size() == 3);
}

TEST_CASE("where memory ends, experts have less room or none, and a sentence says so")
{
    const Golden golden = loadGolden("v2_lite");
    const Network& network = golden.model->network();
    const PlacementPlan plan = planFor(network, {2, 6});
    int withRemark = 0;
    bool isMade = false;
    for (long allocations = 0; allocations < 100 && !isMade; ++allocations) {
        CAPTURE(allocations);
        const EmulatedGpu gpu;
        emulation::machine().allocationsUntilFull = allocations;
        const auto backend = makeCudaBackend(network, plan, streaming(2));
        emulation::machine().allocationsUntilFull = -1;
        if (!backend) {
            CHECK(backend.error().code == ErrorCode::OutOfMemory);
            CHECK(withRemark == 0); // what is needed was taken before what is not
            continue;
        }
        isMade = (*backend)->report().remark.empty();
        withRemark += isMade ? 0 : 1;
        if (!isMade)
            CHECK((*backend)->report().expertCacheBytes == 0);
        const auto made = logitsOf(**backend, std::span(golden.tokens).first(6), 5);
        CHECK(distanceOf(golden, made) < 1e-4);
    }
    CHECK(isMade);
    CHECK(withRemark >= 4); // two halves, pinned and not, and the cache

    // A GPU with a little less than the plan believed: the cache is smaller.
    const EmulatedGpu gpu;
    std::size_t taken = 0;
    {
        const auto backend = makeEmulated(network, plan, streaming(2));
        taken = emulation::machine().deviceBytes;
    }
    emulation::machine().memory = taken - 100;
    const auto backend = makeEmulated(network, plan, streaming(2));
    const BackendReport report = backend->report();
    CHECK(report.remark.find("fewer of the experts") != std::string::npos);
    CHECK(report.expertSlots > 0);
    CHECK(report.expertSlots < 6);
    CHECK(report.expertCacheBytes < plan.gpu->expertCacheBytes);
    CHECK(distanceOf(golden, allLogits(golden, *backend)) < 1e-4);
}

TEST_CASE("a GPU that is lost while experts come says so, wherever it happens")
{
    const Golden golden = loadGolden("v2_lite");
    const Network& network = golden.model->network();
    for (const bool decodes : {false, true}) {
        for (long launches = 0; launches < 60; launches += 19) {
            CAPTURE(decodes);
            CAPTURE(launches);
            auto backend = makeEmulated(network, planFor(network, {1, 2}), streaming(2));
            (void)logitsOf(*backend, std::span(golden.tokens).first(4), decodes ? 1 : 4);
            emulation::machine().launchesUntilLoss = launches;
            Result<Evaluated> result;
            for (std::size_t position = 4; result && position + 4 <= 36;
                position += decodes ? 1 : 4)
                result = backend->evaluate(
                    {.tokens = std::span(golden.tokens).subspan(position, decodes ? 1 : 4),
                        .position = position,
                        .logits = {0, 1}});
            if (!decodes)
                REQUIRE(!result); // graphs launch no kernels one by one
            if (!result)
                CHECK(result.error().code == ErrorCode::DeviceLost);
            backend.reset();
            emulation::resetMachine();
        }
    }
}
