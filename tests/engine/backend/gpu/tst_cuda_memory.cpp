// What the GPU's backend takes and gives back, and what happens where there is not enough or the GPU is
// lost. Emulated.
#include "tests/engine/backend/gpu/emulated_backend.h"

#include "engine/plan/gpu_placement.h"
#include "kernels/cuda/attention/attention.h"
#include "tests/engine/network_shapes.h"

using namespace ponder;
using namespace ponder::test;
using kernels::cuda::EmulatedGpu;

namespace {

/// The GPU is lost after this number of launches; the emulation's failures then are intended.
void loseAfter(long launches)
{
    emulation::machine().launchesUntilLoss = launches;
}

} // namespace

TEST_CASE("fifty starts and unloads leave nothing behind")
{
    const EmulatedGpu gpu; // its end checks that everything is given back
    const Golden golden = loadGolden("v2_lite");
    const Network& network = golden.model->network();
    const std::size_t before = emulation::machine().deviceBytes;
    std::size_t taken = 0;
    for (int i = 0; i < 50; ++i) {
        const auto backend
            = makeEmulated(network, planWith(network, i % 2 == 0 ? Share{} : Share{1000, 1}));
        const std::size_t now = emulation::machine().deviceBytes - before;
        if (i % 2 == 0) {
            CHECK((taken == 0 || now == taken));
            taken = now;
        }
        if (i % 10 == 0)
            (void)logitsOf(*backend, std::span(golden.tokens).first(2), 1);
    }
    CHECK(taken > 0);
    CHECK(emulation::machine().deviceBytes == before);
}

TEST_CASE("a backend takes no more than its plan says")
{
    const EmulatedGpu gpu;
    for (const char* name : {"v2_lite", "v3_unsplit", "gpt_oss_mxfp4", "llama_odd_tied"}) {
        CAPTURE(name);
        const Golden golden = loadGolden(name);
        const Network& network = golden.model->network();
        Machine machine{.memoryBytes = 8ULL << 30U, .availableBytes = 8ULL << 30U};
        machine.gpus = {{0, "Emulated GPU", 2ULL << 30U, 2ULL << 30U, 0}};
        const auto plan = planPlacement(network, machine, {.contextLength = 64});
        REQUIRE(plan);
        REQUIRE(plan->gpu);
        const std::size_t before = emulation::machine().deviceBytes;
        const auto backend = makeEmulated(network, *plan);
        CHECK(emulation::machine().deviceBytes - before <= plan->gpu->totalBytes());
        (void)logitsOf(*backend, std::span(golden.tokens).first(1), 1);
        CHECK(emulation::machine().deviceBytes - before <= plan->gpu->totalBytes());
    }
}

TEST_CASE("where experts stay in RAM, all that the plan keeps for them is there and is enough")
{
    const EmulatedGpu gpu;
    for (const char* name : {"v2_lite", "gpt_oss_mxfp4"}) {
        CAPTURE(name);
        const Golden golden = loadGolden(name);
        const Network& network = golden.model->network();
        Machine machine{.memoryBytes = 8ULL << 30U, .availableBytes = 8ULL << 30U};
        machine.gpus = {{0, "Emulated GPU", 2ULL << 30U, 2ULL << 30U, 0}};
        const PlacementRequest request{.contextLength = 64,
            .threads = 1,
            .device = {DeviceChoice::Kind::Cuda},
            .cache = kernels::CacheType::Bf16};
        const auto whole = planPlacement(network, machine, request);
        REQUIRE(whole);
        // A little less each time, until some experts no longer fit and others may come and go.
        auto plan = whole;
        machine.gpus[0].availableBytes = whole->gpu->totalBytes() + whole->gpu->reserveBytes
            + gpuWorkBytes(network, 512); // with which layers are placed
        while (plan && plan->gpu->expertCacheBytes == 0) {
            machine.gpus[0].availableBytes -= 4096;
            plan = planPlacement(network, machine, request);
        }
        REQUIRE(plan);
        CHECK(plan->gpu->streamBytes > 0);
        const std::size_t before = emulation::machine().deviceBytes;
        const auto backend = makeEmulated(network, *plan, {.streamsFrom = 2});
        const auto made = logitsOf(*backend, std::span(golden.tokens).first(12), 9);
        CHECK(distance(made, std::span(golden.logits).first(made.size())) < 1e-2); // in bfloat16
        CHECK(emulation::machine().deviceBytes - before <= plan->gpu->totalBytes());
        const BackendReport report = backend->report();
        CHECK(report.remark.empty());
        CHECK(report.streamedBytes > 0);
        CHECK(report.expertSlots > 0);
        CHECK(report.expertCacheBytes <= plan->gpu->expertCacheBytes);
    }
}

TEST_CASE("plans count at least the work memory that a backend will want")
{
    for (const Network& network : {v2Lite(), v2(), r1(), llama70b(), qwen3Moe30b()}) {
        for (const std::uint32_t batch : {1U, 64U, 512U, 2048U, 4096U}) {
            CAPTURE(network.hiddenSize);
            CAPTURE(network.layers.size());
            CAPTURE(batch);
            const PlacementPlan plan = planWith(network, {}, batch, 4096);
            std::size_t attention = 0;
            for (const auto& [heads, dim] : {std::pair{128, 512}, std::pair{64, 128}})
                attention = std::max(attention,
                    kernels::cuda::AttentionWorkspace::bytes(
                        batch, std::size_t(heads), std::size_t(dim), 144));
            const std::uint64_t wanted = cudaWorkBytes(network, plan) + attention;
            MESSAGE(network.layers.size()
                << " layers, batch " << batch << ": " << describeBytes(wanted) << " of "
                << describeBytes(gpuWorkBytes(network, batch)));
            CHECK(wanted <= gpuWorkBytes(network, batch));
        }
    }
}

TEST_CASE("wherever memory ends while loading, a sentence says so and all is given back")
{
    const Golden golden = loadGolden("v2_lite");
    const Network& network = golden.model->network();
    int refused = 0;
    for (const Share share : {Share{}, Share{1000, 1}}) {
        for (long allocations = 0;; ++allocations) {
            const EmulatedGpu gpu;
            emulation::machine().allocationsUntilFull = allocations;
            const auto backend = makeCudaBackend(network, planWith(network, share));
            emulation::machine().allocationsUntilFull = -1;
            if (backend)
                break;
            REQUIRE(allocations < 100);
            CHECK(backend.error().code == ErrorCode::OutOfMemory);
            CHECK(backend.error().message.find("less free memory") != std::string::npos);
            ++refused;
        }
    }
    CHECK(refused > 10);
}

TEST_CASE("a GPU that is lost says so once and for all, wherever it happens")
{
    const Golden golden = loadGolden("v2_lite");
    const Network& network = golden.model->network();
    for (const Share share : {Share{}, Share{1000, 1}, Share{1, 1}}) {
        for (const long launches : {0L, 1L, 5L, 11L, 40L}) {
            CAPTURE(share.attention);
            CAPTURE(share.feedForward);
            CAPTURE(launches);
            // The last is lost in the middle of an answer that is not recorded.
            auto backend
                = makeEmulated(network, planWith(network, share), {.recordsSteps = launches < 40});
            (void)logitsOf(*backend, std::span(golden.tokens).first(4), 4);
            loseAfter(launches);
            Result<Evaluated> result;
            for (std::size_t position = 4; result && position < 24; ++position)
                result = backend->evaluate({.tokens = std::span(golden.tokens).subspan(position, 1),
                    .position = position,
                    .logits = {0, 1}});
            REQUIRE(!result);
            CHECK(result.error().code == ErrorCode::DeviceLost);
            CHECK(result.error().message.find("stopped answering") != std::string::npos);
            CHECK(result.error().message.find("the processor goes on") != std::string::npos);
            const auto again = backend->evaluate({.tokens = std::span(golden.tokens).first(1)});
            REQUIRE(!again);
            CHECK(again.error().code == ErrorCode::DeviceLost);
            const auto saved = backend->saveCache({0, 4});
            REQUIRE(!saved);
            CHECK(saved.error().code == ErrorCode::DeviceLost);
            backend.reset();
            emulation::resetMachine();
        }
    }
}
