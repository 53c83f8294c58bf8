// What goes on a GPU and what stays in RAM, over a table of machines and models.
#include <algorithm>
#include <array>
#include <string>

#include <doctest/doctest.h>

#include "engine/plan/expert_layout.h"
#include "engine/plan/gpu_placement.h"
#include "engine/plan/placed_weights.h"
#include "engine/plan/placement_plan.h"
#include "tests/engine/network_shapes.h"

using namespace ponder;
using namespace ponder::test;

namespace {

constexpr std::uint64_t kGiB = 1U << 30U;
constexpr std::array kVram = {8, 12, 16, 24, 48, 80, 96, 141, 192};
constexpr std::array kRam = {16, 32, 64, 128, 256, 512};

struct Named {
    const char* name;
    Network network;
};

const std::vector<Named>& models()
{
    static const std::vector<Named> all = {{"V2-Lite", v2Lite()}, {"V2", v2()}, {"R1", r1()},
        {"Llama-70B", llama70b()}, {"Qwen3-30B-A3B", qwen3Moe30b()}};
    return all;
}

Gpu gpu(std::uint64_t bytes, int index = 0)
{
    return {.index = index,
        .name = "Test GPU",
        .memoryBytes = bytes,
        .availableBytes = bytes - bytes / 20, // the desktop has some
        .bandwidth = 1000e9};
}

/// 0 GiB of VRAM: no GPU.
Machine machine(std::uint64_t vram, std::uint64_t ram)
{
    Machine m{.memoryBytes = ram * kGiB,
        .availableBytes = ram * kGiB - ram * kGiB / 10,
        .cores = 16,
        .bandwidth = 60e9};
    if (vram > 0)
        m.gpus.push_back(gpu(vram * kGiB));
    return m;
}

std::uint64_t matrixBytes(const PlacedWeights& weights)
{
    std::uint64_t bytes = 0;
    for (const WeightMatrix* m : weights.matrices)
        bytes += m->bytes();
    return bytes;
}

/// Everything that must hold of a plan that uses a GPU.
void checkShare(const Network& network, const Machine& machine, const PlacementPlan& plan)
{
    const GpuShare& share = *plan.gpu;
    CHECK(share.totalBytes() + gpuReserve(share.gpu.memoryBytes) <= share.gpu.availableBytes);
    CHECK(share.reserveBytes == gpuReserve(share.gpu.memoryBytes));
    CHECK(plan.totalBytes() < machine.availableBytes);
    REQUIRE(share.layers.size() == network.layers.size());

    std::uint64_t onGpu = endWeights(network).deviceBytes();
    std::uint64_t matrices = matrixBytes(endWeights(network));
    std::uint64_t inRam = 0;
    std::uint64_t gpuCache = 0;
    std::uint64_t ramCache = 0;
    std::uint64_t next = 0; // the first feed-forward that is not there, dense ones first
    bool attentionEnded = false;
    bool denseLeft = false;
    bool routedEnded = false;
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const Layer& layer = network.layers[i];
        const LayerPlace& place = share.layers[i];
        const std::uint64_t cache = cacheRows(layer.attention).bytes() * plan.contextLength;
        CHECK(!(attentionEnded && place.attentionOnGpu)); // in order
        attentionEnded |= !place.attentionOnGpu;
        CHECK(!(place.feedForwardOnGpu && !place.attentionOnGpu));
        if (isRouted(layer)) {
            CHECK(!(routedEnded && place.feedForwardOnGpu));
            routedEnded |= !place.feedForwardOnGpu;
        } else {
            denseLeft |= !place.feedForwardOnGpu;
        }
        if (!place.feedForwardOnGpu && next == 0)
            next = feedForwardWeights(layer).deviceBytes();
        (place.attentionOnGpu ? onGpu : inRam) += place.attentionOnGpu
            ? baseWeights(layer).deviceBytes()
            : matrixBytes(baseWeights(layer));
        (place.feedForwardOnGpu ? onGpu : inRam) += place.feedForwardOnGpu
            ? feedForwardWeights(layer).deviceBytes()
            : matrixBytes(feedForwardWeights(layer));
        (place.attentionOnGpu ? gpuCache : ramCache) += place.attentionOnGpu
            ? gpuCacheBytes(layer.attention, share.cache) * plan.contextLength
            : cache;
        matrices += matrixBytes(baseWeights(layer)) + matrixBytes(feedForwardWeights(layer));
    }
    CHECK(share.weightBytes == onGpu);
    CHECK(plan.weightBytes == inRam);
    CHECK(share.cacheBytes == gpuCache);
    CHECK(plan.cacheBytes == ramCache);
    CHECK(matrices == network.weightBytes()); // nothing is forgotten and nothing twice
    CHECK(share.attentionLayers() >= 1);
    if (attentionEnded) // what every token reads comes before what some read
        CHECK(share.feedForwardLayers() == 0);
    if (denseLeft)
        CHECK(std::ranges::none_of(share.layers, [&](const LayerPlace& p) {
            return p.feedForwardOnGpu
                && isRouted(network.layers[std::size_t(&p - share.layers.data())]);
        }));
    if (!attentionEnded && next > 0) // no room is left unused
        CHECK(share.totalBytes() + next + share.reserveBytes > share.gpu.availableBytes);
    CHECK(share.isWhole() == (plan.weightBytes == 0));
    std::uint64_t experts = 0; // that may come and go
    std::uint64_t tables = 0;
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const auto* moe = std::get_if<MoeFeedForward>(&network.layers[i].feedForward);
        if (moe == nullptr || !share.layers[i].attentionOnGpu || share.layers[i].feedForwardOnGpu)
            continue;
        const auto layout = ExpertLayout::of(*moe);
        experts += layout->experts() * layout->bytes();
        tables += layout->tableBytes() + layout->bytes();
        if (share.streamBytes > 0)
            CHECK(share.streamBytes / 2 >= layout->tableBytes() + layout->bytes());
    }
    CHECK(share.expertCacheBytes <= experts + tables);
    CHECK((share.streamBytes == 0 || share.streamBytes == expertStreamBytes(network)));
    if (experts == 0)
        CHECK(share.streamBytes + share.expertCacheBytes == 0);
    CHECK(plan.batch <= 4096);
    if (share.streamBytes == 0)
        CHECK(plan.batch <= (share.isWhole() ? 2048 : 512));
    CHECK(share.bytesPerToken <= plan.bytesPerToken);
    if (share.isWhole())
        CHECK(share.bytesPerToken == plan.bytesPerToken);
    CHECK(plan.tokensPerSecond > 0);
    CHECK(plan.tokensPerSecond
        < share.gpu.bandwidth / double(std::max<std::uint64_t>(share.bytesPerToken, 1)));
}

} // namespace

TEST_CASE("no plan takes more than there is, over all machines and models")
{
    int withGpu = 0;
    int refused = 0;
    for (const Named& model : models()) {
        for (const int vram : kVram) {
            for (const int ram : kRam) {
                for (const std::uint32_t request : {0U, 1000U, 32768U, 131072U}) {
                    CAPTURE(model.name);
                    CAPTURE(vram);
                    CAPTURE(ram);
                    CAPTURE(request);
                    const Machine m = machine(std::uint64_t(vram), std::uint64_t(ram));
                    const auto plan = planPlacement(model.network, m, {.contextLength = request});
                    if (!plan) {
                        CHECK(plan.error().code == ErrorCode::OutOfMemory);
                        // Rightly so: all memory together is too small with what must stay free.
                        CHECK(model.network.weightBytes() + 2 * kGiB > m.availableBytes * 19 / 20
                                + m.gpus[0].availableBytes - endWeights(model.network).deviceBytes()
                                - kGiB);
                        ++refused;
                        continue;
                    }
                    CHECK(plan->contextLength >= std::min(request == 0 ? 512 : request, 512U));
                    CHECK(plan->contextLength
                        <= std::min(request == 0 ? ~0U : request, model.network.contextLength));
                    CHECK(plan->batch <= plan->contextLength);
                    if (!plan->gpu) {
                        CHECK(!plan->remark.empty());
                        CHECK(plan->totalBytes() < m.availableBytes);
                        continue;
                    }
                    ++withGpu;
                    checkShare(model.network, m, *plan);
                }
            }
        }
    }
    MESSAGE(withGpu << " plans with a GPU, " << refused << " refusals");
    CHECK(withGpu > 600);
    CHECK(refused > 100);
}

TEST_CASE("more VRAM never means less on the GPU, less context or less speed")
{
    for (const Named& model : models()) {
        for (const std::uint64_t ram : {64U, 512U}) {
            CAPTURE(model.name);
            CAPTURE(ram);
            PlacementPlan last;
            std::size_t attention = 0;
            std::size_t feedForward = 0;
            for (std::uint64_t vram = 1; vram <= 512; vram += vram < 32 ? 1 : 7) {
                CAPTURE(vram);
                const auto plan = planPlacement(model.network, machine(vram, ram));
                if (!plan || !plan->gpu) {
                    CHECK(attention == 0);
                    continue;
                }
                CHECK(plan->gpu->attentionLayers() >= attention);
                CHECK(plan->gpu->feedForwardLayers() >= feedForward);
                CHECK(plan->contextLength >= last.contextLength);
                CHECK(plan->tokensPerSecond >= last.tokensPerSecond);
                attention = plan->gpu->attentionLayers();
                feedForward = plan->gpu->feedForwardLayers();
                last = *plan;
            }
            CHECK(last.gpu.has_value());
            CHECK(last.gpu->isWhole());
            CHECK(last.contextLength == model.network.contextLength);
            CHECK(last.batch == 2048);
        }
    }
}

TEST_CASE("some machines by number")
{
    struct Row {
        const char* model;
        std::uint64_t vram, ram;
        std::size_t attention, feedForward; // layers on the GPU
        std::uint32_t context;
        bool refused = false;
    };
    const Row rows[] = {
        {"V2-Lite", 8, 32, 27, 17, 16384},
        {"V2-Lite", 12, 32, 27, 27, 76693}, // all of it, and the rest of the card for context
        {"V2-Lite", 24, 16, 27, 27, 163840},
        {"V2", 24, 128, 60, 6, 16384},
        {"R1", 8, 512, 39, 0, 16384}, // not even all attention
        {"R1", 24, 512, 61, 4, 16384}, // three dense layers, one with experts
        {"R1", 80, 256, 0, 0, 0, true},
        {"R1", 192, 256, 61, 27, 16384},
        {"Llama-70B", 24, 64, 80, 24, 16384},
        {"Llama-70B", 24, 16, 0, 0, 0, true},
        {"Llama-70B", 48, 16, 80, 80, 24254},
        {"Llama-70B", 96, 16, 80, 80, 131072},
        {"Qwen3-30B-A3B", 16, 32, 48, 32, 16384},
        {"Qwen3-30B-A3B", 24, 16, 48, 48, 40960},
    };
    for (const Row& row : rows) {
        const Named& model = *std::ranges::find(models(), std::string(row.model), &Named::name);
        const auto plan = planPlacement(model.network, machine(row.vram, row.ram));
        CAPTURE(row.model);
        CAPTURE(row.vram);
        REQUIRE(plan.has_value() == !row.refused);
        if (!plan)
            continue;
        REQUIRE(plan->gpu);
        CHECK(plan->gpu->attentionLayers() == row.attention);
        CHECK(plan->gpu->feedForwardLayers() == row.feedForward);
        CHECK(plan->contextLength == row.context);
    }
}

TEST_CASE("where experts stay in RAM, room is kept to stream them and for those in use")
{
    for (const Named& model : models()) {
        for (const std::uint64_t vram : {8U, 16U, 24U, 48U, 96U}) {
            CAPTURE(model.name);
            CAPTURE(vram);
            const auto plan = planPlacement(model.network, machine(vram, 512));
            REQUIRE(plan);
            REQUIRE(plan->gpu);
            const GpuShare& share = *plan->gpu;
            const bool routed = std::ranges::any_of(model.network.layers, isRouted);
            if (share.isWhole() || !routed) {
                CHECK(share.streamBytes + share.expertCacheBytes == 0);
                continue;
            }
            if (share.attentionLayers() < share.layers.size())
                continue; // there is at most what one layer's attention left
            CHECK(share.streamBytes > 0);
            // At least an eighth of what routed experts may have is for single ones.
            const std::uint64_t room = share.gpu.availableBytes - share.reserveBytes
                - share.totalBytes() + share.expertCacheBytes;
            std::uint64_t layers = 0;
            for (std::size_t i = 0; i < share.layers.size(); ++i)
                if (isRouted(model.network.layers[i]) && share.layers[i].feedForwardOnGpu)
                    layers += feedForwardWeights(model.network.layers[i]).deviceBytes();
            CHECK(share.expertCacheBytes + kDeviceAlignment >= (room + layers) / 8);
            CHECK(plan->batch >= 512);
            const auto small = planPlacement(model.network, machine(vram, 512), {.batch = 512});
            CHECK(small->batch == 512);
            CHECK(small->gpu->feedForwardLayers() >= share.feedForwardLayers());
            MESSAGE(model.name << " on " << vram << " GiB: batch " << plan->batch << ", "
                               << share.feedForwardLayers() << " of " << share.layers.size()
                               << " layers whole (" << small->gpu->feedForwardLayers()
                               << " with 512 tokens), experts in use "
                               << describeBytes(share.expertCacheBytes) << ", streamed through "
                               << describeBytes(share.streamBytes));
        }
    }
    CHECK(planPlacement(r1(), machine(48, 512))->batch > 1024);
}

TEST_CASE("the person's request counts")
{
    const Network model = v2Lite();
    Machine m = machine(24, 64);
    m.gpus.push_back(gpu(48 * kGiB, 1));

    CHECK(planPlacement(model, m)->device() == "cuda:1"); // the one with more
    using Kind = DeviceChoice::Kind;
    CHECK(planPlacement(model, m, {.device = {Kind::Cpu}})->device() == "cpu");
    CHECK(planPlacement(model, m, {.device = {Kind::Cuda}})->device() == "cuda:1");
    CHECK(planPlacement(model, m, {.device = {Kind::Cuda, 0}})->device() == "cuda:0");
    CHECK(planPlacement(model, m, {.contextLength = 700})->contextLength == 700);
    CHECK(planPlacement(model, m, {.batch = 64})->batch == 64);
    CHECK(planPlacement(model, m, {.threads = 3})->threads == 3);
    const auto rounded = planPlacement(model, m, {.contextLength = 8192});
    CHECK(rounded->gpu->cache == kernels::CacheType::Bf16);
    const auto kept = [&](kernels::CacheType cache) {
        const auto plan = planPlacement(model, m, {.contextLength = 8192, .cache = cache});
        CHECK(plan->gpu->cache == cache);
        CHECK(plan->summary().find(" in " + cacheTypeText(cache)) != std::string::npos);
        return plan->gpu->cacheBytes;
    };
    CHECK(kept(kernels::CacheType::Bf16) == rounded->gpu->cacheBytes);
    CHECK(kept(kernels::CacheType::F32) == 2 * rounded->gpu->cacheBytes);
    CHECK(
        kept(kernels::CacheType::Fp8) == 8192 * 27 * (512 + 4 * 4 + 2 * 64)); // codes, scales, bf16

    const auto absent = planPlacement(model, m, {.device = {Kind::Cuda, 7}});
    REQUIRE(!absent);
    CHECK(absent.error().code == ErrorCode::InvalidArgument);
    CHECK(absent.error().message.find("cuda:0 (Test GPU), cuda:1") != std::string::npos);
    const auto none = planPlacement(model, machine(0, 64), {.device = {Kind::Cuda}});
    REQUIRE(!none);
    CHECK(none.error().message.find("no GPU") != std::string::npos);
    CHECK(planPlacement(model, machine(0, 64))->remark.empty()); // nothing to explain

    // A card that is full: Auto goes on without, saying so; an explicit choice fails with a sentence.
    Machine full = machine(24, 64);
    full.gpus[0].availableBytes = kGiB / 2;
    const auto automatic = planPlacement(model, full);
    REQUIRE(automatic);
    CHECK(automatic->device() == "cpu");
    CHECK(automatic->remark.find("512 MiB free") != std::string::npos);
    const auto asked = planPlacement(model, full, {.device = {Kind::Cuda}});
    REQUIRE(!asked);
    CHECK(asked.error().code == ErrorCode::OutOfMemory);
}

TEST_CASE("speed is told only where both memories' bandwidths are known")
{
    Machine m = machine(8, 32); // experts on both sides
    CHECK(planPlacement(v2Lite(), m)->tokensPerSecond > 0);
    m.bandwidth = 0;
    CHECK(planPlacement(v2Lite(), m)->tokensPerSecond == 0);
    CHECK(planPlacement(v2Lite(), m)->summary().find("per second") == std::string::npos);
    m.gpus[0] = gpu(24 * kGiB); // all on the GPU: RAM does not matter
    CHECK(planPlacement(v2Lite(), m)->tokensPerSecond > 0);
    m.gpus[0].bandwidth = 0;
    CHECK(planPlacement(v2Lite(), m)->tokensPerSecond == 0);
    CHECK(planPlacement(v2Lite(), m)->summary().find("Test GPU: weights") == 0);
}

TEST_CASE("matrices that lie apart, and scales, are counted as they are uploaded")
{
    WeightMatrix m = shapes::matrix(256, 3, 2);
    CHECK(deviceBytes(m) == 1024); // 6 rows of 144 bytes
    const float scale = 1;
    WeightMatrix eight = m;
    eight.type = TensorType::F8_E4M3;
    eight.rowBytes = 256;
    eight.stride = 256 * 3;
    eight.scales = &scale;
    CHECK(scaleCount(eight) == 2); // one block of rows, two of columns
    CHECK(deviceBytes(eight) == 1536 + 256);
    std::array<kernels::MatrixPlace, 2> places{};
    places[0].scales = places[1].scales = &scale;
    eight.places = places;
    CHECK(scaleCount(eight) == 4); // a block for each matrix
    CHECK(deviceBytes(eight) == 1536 + 256 + 256);
}

TEST_CASE(
    "8 bits are taken for the context that is wanted, or for all layers, and for nothing else")
{
    const auto cacheOf = [](const PlacementPlan& plan) { return plan.gpu->cache; };
    int coarse = 0;
    for (const Named& model : models()) {
        for (std::uint64_t vram = 4; vram <= 512; vram += vram < 64 ? 1 : 16) {
            for (const std::uint64_t ram : {16U, 64U, 512U}) {
                for (const std::uint32_t request : {0U, 4096U, 40960U, 131072U}) {
                    CAPTURE(model.name);
                    CAPTURE(vram);
                    CAPTURE(ram);
                    CAPTURE(request);
                    const Machine m = machine(vram, ram);
                    const auto with = [&](std::optional<kernels::CacheType> cache) {
                        return planPlacement(model.network, m,
                            {.contextLength = request,
                                .device = {DeviceChoice::Kind::Cuda},
                                .cache = cache});
                    };
                    const auto plan = with(std::nullopt);
                    const auto rounded = with(kernels::CacheType::Bf16);
                    CHECK(plan.has_value() >= rounded.has_value());
                    if (!plan)
                        continue;
                    checkShare(model.network, m, *plan);
                    const std::uint32_t wanted = std::min(
                        request == 0 ? kComfortableContext : request, model.network.contextLength);
                    if (cacheOf(*plan) == kernels::CacheType::Bf16) {
                        CHECK(rounded->contextLength == plan->contextLength);
                        CHECK(rounded->gpu->layers == plan->gpu->layers);
                        continue;
                    }
                    CHECK(cacheOf(*plan) == kernels::CacheType::Fp8);
                    ++coarse;
                    CHECK(plan->contextLength <= wanted);
                    CHECK((!rounded || rounded->contextLength < plan->contextLength
                        || (plan->gpu->isWhole() && !rounded->gpu->isWhole())));
                }
            }
        }
    }
    MESSAGE(coarse << " plans in fp8");
    CHECK(coarse > 20);
}

TEST_CASE("a cache is what people write")
{
    for (const char* right : {"bf16", "fp8", "f32"})
        CHECK(cacheTypeText(parseCacheType(right).value()) == right);
    for (const char* wrong : {"", "auto", "f16", "FP8", "fp8 "})
        CHECK(!parseCacheType(wrong));
}

TEST_CASE("a device is what people write")
{
    using Kind = DeviceChoice::Kind;
    CHECK(DeviceChoice::parse("auto") == DeviceChoice{});
    CHECK(DeviceChoice::parse("CPU") == DeviceChoice{Kind::Cpu});
    CHECK(DeviceChoice::parse("cuda") == DeviceChoice{Kind::Cuda});
    CHECK(DeviceChoice::parse("cuda:12") == DeviceChoice{Kind::Cuda, 12});
    for (const char* wrong :
        {"", "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1 ", "cuda:99999999999"})
        CHECK(!DeviceChoice::parse(wrong));
    for (const char* right : {"auto", "cpu", "cuda", "cuda:3"})
        CHECK(DeviceChoice::parse(right)->text() == right);
}
