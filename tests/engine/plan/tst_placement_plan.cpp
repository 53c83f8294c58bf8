#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "engine/plan/placement_plan.h"

using namespace ponder;

namespace {

constexpr std::uint64_t kGiB = 1U << 30U;

WeightMatrix matrix(std::uint32_t columns, std::uint32_t rows, std::uint32_t count = 1)
{
    static const std::byte here{};
    WeightMatrix m;
    m.data = &here; // never read: a plan looks at sizes only
    m.columns = columns;
    m.rows = rows;
    m.count = count;
    m.rowBytes = columns * 4ULL;
    m.stride = m.rowBytes * rows;
    return m;
}

/// Two dense layers whose weights are `gib` GiB in all, and a cache of 8 KiB a token.
Network network(std::uint32_t gib, std::uint32_t context)
{
    Network n;
    n.hiddenSize = 1024;
    n.vocabularySize = 1024;
    n.contextLength = context;
    n.embedding = matrix(1024, 1024);
    n.output = n.embedding;
    n.layers.resize(2);
    for (Layer& layer : n.layers) {
        MlaAttention attention;
        attention.heads = 8;
        attention.kvLoraRank = 960;
        attention.ropeHeadDim = 64;
        attention.qB = matrix(1024, 256);
        layer.attention = attention;
        DenseFeedForward dense;
        dense.gate = matrix(1024, 256);
        dense.down = matrix(1024, 1024 * 64 * gib * 2);
        layer.feedForward = dense;
    }
    return n;
}

Machine machine(std::uint64_t available)
{
    return {
        .memoryBytes = 2 * available, .availableBytes = available, .cores = 4, .bandwidth = 20e9};
}

} // namespace

TEST_CASE("the context is what the request, the model and the memory allow")
{
    const Network model = network(4, 32768);
    struct Row {
        std::uint64_t available;
        std::uint32_t request;
        std::uint32_t least, most; // tokens of context; 0, 0: refused
    };
    const Row rows[] = {
        {64 * kGiB, 0, 32768, 32768}, // room for all the model allows
        {64 * kGiB, 4096, 4096, 4096},
        {64 * kGiB, 100000, 32768, 32768},
        {64 * kGiB, 100, 100, 100}, // fewer than the usual least, where asked for
        {4 * kGiB + 400 * kMiB, 0, 512, 20480}, // some
        {4 * kGiB + 400 * kMiB, 1024, 1024, 1024},
        {4 * kGiB, 0, 0, 0},
        {4 * kGiB, 1, 0, 0},
        {1 * kGiB, 0, 0, 0},
        {0, 0, 0, 0},
    };
    for (const Row& row : rows) {
        CAPTURE(row.available);
        CAPTURE(row.request);
        const auto plan
            = planPlacement(model, machine(row.available), {.contextLength = row.request});
        REQUIRE(plan.has_value() == (row.most > 0));
        if (!plan) {
            CHECK(plan.error().code == ErrorCode::OutOfMemory);
            CHECK(plan.error().message.find("4.") != std::string::npos);
            continue;
        }
        CHECK(plan->contextLength >= row.least);
        CHECK(plan->contextLength <= row.most);
        CHECK(plan->totalBytes() < row.available);
        CHECK(plan->cacheBytes == plan->contextLength * 8192ULL);
        CHECK(plan->weightBytes == model.weightBytes());
    }
}

TEST_CASE("a cache of keys and values takes what its heads take")
{
    Network model = network(4, 32768);
    for (Layer& layer : model.layers) {
        GqaAttention attention;
        attention.heads = 32;
        attention.kvHeads = 8;
        attention.keyDim = 128;
        attention.valueDim = 96;
        attention.query = matrix(1024, 4096);
        attention.slidingWindow = &layer == &model.layers[0] ? 128 : 0;
        layer.attention = attention;
    }
    const std::uint64_t layer = 8 * (128 + 96) * 4;
    CHECK(model.cacheBytesPerToken() == 2 * layer);
    CHECK(model.cacheBytesRead(100) == 200 * layer);
    CHECK(model.cacheBytesRead(1000) == 1128 * layer);
    const auto plan = planPlacement(model, machine(64 * kGiB));
    REQUIRE(plan);
    CHECK(plan->cacheBytes == 32768 * 2 * layer); // layers with a window keep everything
    CHECK(plan->bytesPerToken == model.activeWeightBytes());
    const auto latent = planPlacement(network(4, 32768), machine(64 * kGiB));
    CHECK(plan->weightBytes == latent->weightBytes + (4096 - 256) * 2 * 4096ULL);
}

TEST_CASE("more memory never means less context")
{
    const Network model = network(1, 1U << 20U);
    std::uint32_t last = 0;
    for (std::uint64_t available = kGiB; available < 12 * kGiB; available += 64 * kMiB) {
        const auto plan = planPlacement(model, machine(available));
        const std::uint32_t now = plan ? plan->contextLength : 0;
        CHECK(now >= last);
        last = now;
    }
    CHECK(last == 1U << 20U);
}

TEST_CASE("speed is estimated from what a token reads")
{
    const Network model = network(4, 4096);
    const auto plan = planPlacement(model, machine(64 * kGiB));
    REQUIRE(plan);
    CHECK(plan->bytesPerToken == model.activeWeightBytes());
    CHECK(plan->tokensPerSecond > 1);
    CHECK(plan->tokensPerSecond < 20e9 / static_cast<double>(plan->bytesPerToken));
    CHECK(plan->threads == 4);
    CHECK(planPlacement(model, machine(64 * kGiB), {.threads = 3})->threads == 3);
    Machine unmeasured = machine(64 * kGiB);
    unmeasured.bandwidth = 0;
    CHECK(planPlacement(model, unmeasured)->tokensPerSecond == 0);
    CHECK(plan->summary().find("4096 tokens") != std::string::npos);
    CHECK(plan->summary().find("tokens per second") != std::string::npos);
    CHECK(planPlacement(model, unmeasured)->summary().find("per second") == std::string::npos);
}

TEST_CASE("sizes are written for people")
{
    CHECK(describeBytes(0) == "0 bytes");
    CHECK(describeBytes(1023) == "1023 bytes");
    CHECK(describeBytes(1536) == "1.5 KiB");
    CHECK(describeBytes(512 * kMiB) == "512 MiB");
    CHECK(describeBytes(10457857344) == "9.7 GiB");
    CHECK(describeBytes(1023 * kGiB + 1000 * kMiB) == "1.0 TiB");
    CHECK(describeBytes(~0ULL) == "16 EiB");
}

TEST_CASE("a machine is what its files say, and the tightest limit counts")
{
    namespace fs = std::filesystem;
    const fs::path root = fs::temp_directory_path() / "ponder-tst-machine";
    const auto put = [&root](const fs::path& file, const std::string& text) {
        fs::create_directories((root / file).parent_path());
        std::ofstream(root / file) << text;
    };
    fs::remove_all(root);
    CHECK(Machine::detect(root).cores >= 1); // nothing can be read: nothing limits
    CHECK(Machine::detect(root).availableBytes > 1000 * kGiB);

    put("proc/meminfo",
        "MemTotal:       16777216 kB\nMemFree:  1 kB\nMemAvailable:    8388608 kB\n");
    CHECK(Machine::detect(root).memoryBytes == 16 * kGiB);
    CHECK(Machine::detect(root).availableBytes == 8 * kGiB);

    SUBCASE("version 2, the limit on a group above")
    {
        put("proc/self/cgroup", "0::/user/app\n");
        put("sys/fs/cgroup/user/app/memory.max", "max\n");
        put("sys/fs/cgroup/user/app/memory.current", "123\n");
        put("sys/fs/cgroup/user/memory.max", "4294967296\n");
        put("sys/fs/cgroup/user/memory.current", "3221225472\n");
        put("sys/fs/cgroup/user/memory.stat",
            "anon 1\ninactive_file 1073741824\nactive_file 1073741824\n");
        CHECK(Machine::detect(root).memoryBytes == 4 * kGiB);
        CHECK(Machine::detect(root).availableBytes == 3 * kGiB); // files give way
    }
    SUBCASE("version 1")
    {
        put("proc/self/cgroup", "7:cpu:/x\n4:memory:/box\n");
        put("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "2147483648\n");
        put("sys/fs/cgroup/memory/box/memory.usage_in_bytes", "1073741824\n");
        put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        put("sys/fs/cgroup/memory/memory.usage_in_bytes", "1073741824\n");
        CHECK(Machine::detect(root).memoryBytes == 2 * kGiB);
        CHECK(Machine::detect(root).availableBytes == 1 * kGiB);
    }
    SUBCASE("used beyond its limit")
    {
        put("proc/self/cgroup", "0::/\n");
        put("sys/fs/cgroup/memory.max", "1000\n");
        put("sys/fs/cgroup/memory.current", "2000\n");
        CHECK(Machine::detect(root).availableBytes == 0);
    }
    fs::remove_all(root);
}

TEST_CASE("a model larger than memory opens where that is requested, and says what it means")
{
    const Network model = network(40, 32768);
    const auto refused = planPlacement(model, machine(16 * kGiB));
    REQUIRE_FALSE(refused);
    CHECK(opensLargerThanMemory(refused.error()));
    CHECK(refused.error().message.find("It can be opened all the same") != std::string::npos);
    CHECK(refused.error().message.find("a token takes about") != std::string::npos);

    PlacementRequest request;
    request.largerThanMemory = true;
    request.diskBandwidth = 2e9;
    const auto plan = planPlacement(model, machine(16 * kGiB), request);
    REQUIRE(plan);
    CHECK(plan->workBytes + plan->cacheBytes < 16 * kGiB);
    CHECK(plan->contextLength >= 512);
    CHECK(plan->missingBytes > 24 * kGiB);
    CHECK(plan->missingBytes < 30 * kGiB);
    // Every token reads all of a dense model, so nothing of it stays: 40 GiB at 1 GB/s, and the memory's time.
    CHECK(plan->diskBytesPerToken > 39 * kGiB);
    CHECK(1 / plan->tokensPerSecond > 40);
    CHECK(1 / plan->tokensPerSecond < 60);
    CHECK(plan->remark.find("larger than memory") != std::string::npos);
    CHECK(plan->remark.find("by the speed of this disk") != std::string::npos);
    CHECK(plan->summary().find("seconds a token") != std::string::npos);
    CHECK(plan->summary().find("come from the disk") != std::string::npos);

    // An unmeasured memory does not hide what the disk costs; a slower disk costs more.
    Machine unmeasured = machine(16 * kGiB);
    unmeasured.bandwidth = 0;
    const auto slow = planPlacement(model, unmeasured, request);
    CHECK(slow->tokensPerSecond > plan->tokensPerSecond);
    request.diskBandwidth = 2e8;
    CHECK(planPlacement(model, machine(16 * kGiB), request)->tokensPerSecond
        < plan->tokensPerSecond / 5);
    request.diskBandwidth = 0;
    CHECK(
        planPlacement(model, machine(16 * kGiB), request)->remark.find("if the disk is a fast one")
        != std::string::npos);

    // What fits is planned as ever.
    const auto fits = planPlacement(model, machine(64 * kGiB), request);
    REQUIRE(fits);
    CHECK(fits->missingBytes == 0);
    CHECK(fits->diskBytesPerToken == 0);
    CHECK(fits->remark.empty());
    CHECK(fits->contextLength == planPlacement(model, machine(64 * kGiB))->contextLength);

    // Where not even the work fits there is no way round, and none is promised.
    for (const bool larger : {false, true}) {
        request.largerThanMemory = larger;
        const auto hopeless = planPlacement(model, machine(150 * kMiB), request);
        REQUIRE_FALSE(hopeless);
        CHECK_FALSE(opensLargerThanMemory(hopeless.error()));
        CHECK(hopeless.error().message.find("all the same") == std::string::npos);
    }
}

TEST_CASE("of experts those that memory holds do not come from the disk")
{
    Network model = network(1, 32768);
    for (Layer& layer : model.layers) {
        MoeFeedForward moe;
        moe.routing.experts = 64;
        moe.routing.used = 4;
        moe.router = matrix(1024, 64);
        moe.gate = moe.up = moe.down = matrix(1024, 32 * 1024, 64); // 8 GiB each
        layer.feedForward = moe;
    }
    const std::uint64_t experts = 2 * 3 * 8 * kGiB;
    PlacementRequest request;
    request.largerThanMemory = true;
    double last = 0;
    for (const std::uint64_t gib : {8, 16, 32, 40, 48}) {
        CAPTURE(gib);
        const auto plan = planPlacement(model, machine(gib * kGiB), request);
        REQUIRE(plan);
        CHECK(plan->tokensPerSecond > last);
        last = plan->tokensPerSecond;
        // A token reads a sixteenth of the experts, of which the missing share comes from the disk.
        const double missing = static_cast<double>(plan->missingBytes);
        CHECK(static_cast<double>(plan->diskBytesPerToken)
            == doctest::Approx(missing / 16).epsilon(0.05));
    }
    CHECK(planPlacement(model, machine(64 * kGiB), request)->missingBytes == 0);
    CHECK(experts == 48 * kGiB);
}

TEST_CASE("weights in another order than the disk's stay in memory, and are not taken twice")
{
    Network model = network(8, 4096);
    model.reorderedBytes = 8 * kGiB;
    PlacementRequest request;
    request.largerThanMemory = true;
    const auto refused = planPlacement(model, machine(6 * kGiB), request);
    REQUIRE_FALSE(refused);
    CHECK_FALSE(opensLargerThanMemory(refused.error()));
    // Taken already: what is left of 10 GiB is 2.
    request.heldBytes = 8 * kGiB;
    const auto held = planPlacement(model, machine(2 * kGiB), request);
    REQUIRE(held);
    CHECK(held->missingBytes == 0);
}
