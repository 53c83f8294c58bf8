// When experts in RAM go through the GPU, and how one of them is moved.
#include <array>
#include <cstring>

#include <doctest/doctest.h>

#include "engine/backend/gpu/expert_cost.h"
#include "engine/plan/expert_layout.h"
#include "engine/plan/placed_weights.h"
#include "tests/engine/network_shapes.h"

using namespace ponder;
using namespace ponder::test;

namespace {

/// A layer of published shape, its experts in Q4_K.
ExpertWork workOf(const Network& network, std::size_t tokens)
{
    const auto& moe = std::get<MoeFeedForward>(network.layers.back().feedForward);
    return {.tokens = tokens,
        .experts = moe.routing.experts,
        .used = moe.routing.used,
        .hidden = network.hiddenSize,
        .expertBytes = ExpertLayout::of(moe)->bytes(),
        .expertWeights = 3 * moe.gate.weights() / moe.gate.count};
}

} // namespace

TEST_CASE("more tokens choose more of the experts, never more than there are")
{
    CHECK(expectedExperts(1, 64, 6) == doctest::Approx(6));
    CHECK(expectedExperts(2, 64, 6) == doctest::Approx(12 - 36.0 / 64));
    CHECK(expectedExperts(4096, 256, 8) == doctest::Approx(256));
    CHECK(expectedExperts(0, 64, 6) == 0);
    CHECK(expectedExperts(5, 0, 0) == 0);
    CHECK(expectedExperts(3, 4, 8) == 4);
}

TEST_CASE("long batches stream, short ones do not, and a faster side is preferred")
{
    struct Row {
        const char* model;
        std::size_t tokens;
        unsigned threads;
        double link, memory; // GB/s
        bool streams;
    };
    const Row rows[] = {
        {"R1", 1, 16, 25, 40, false},
        {"R1", 8, 16, 25, 40, false}, // reading from RAM is quicker
        {"R1", 128, 16, 25, 40, false},
        {"R1", 4096, 16, 25, 40, true},
        {"R1", 512, 4, 25, 40, true}, // few threads are slow for fewer tokens
        {"R1", 512, 64, 25, 300, false},
        {"R1", 2048, 64, 25, 300, true}, // many keep up for longer
        {"R1", 2048, 64, 25, 40, false}, // such slow memory would have to be read three times
        {"R1", 4096, 64, 1, 300, false}, // a slow link
        {"V2-Lite", 1, 2, 12, 40, false},
        {"V2-Lite", 512, 2, 12, 40, true},
        {"V2-Lite", 512, 16, 12, 40, true},
        {"V2-Lite", 64, 16, 12, 40, false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.model);
        CAPTURE(row.tokens);
        CAPTURE(row.threads);
        CAPTURE(row.link);
        const Network network = std::strcmp(row.model, "R1") == 0 ? r1() : v2Lite();
        ExpertSpeeds speeds;
        speeds.threads = row.threads;
        speeds.fillThreads = std::min(row.threads, 8U);
        speeds.link = row.link * 1e9;
        speeds.memory = row.memory * 1e9;
        const ExpertWork work = workOf(network, row.tokens);
        MESSAGE(row.model << ", " << row.tokens << " tokens, " << row.threads << " threads: "
                          << 1e3 * streamingSeconds(work, speeds) << " ms streamed, "
                          << 1e3 * processorSeconds(work, speeds) << " ms on the processor");
        CHECK(streamingPays(work, speeds) == row.streams);
    }
}

TEST_CASE("once streaming pays, it does for every longer batch")
{
    for (const Network& network : {v2Lite(), r1(), qwen3Moe30b()}) {
        for (const unsigned threads : {1U, 8U, 32U}) {
            ExpertSpeeds speeds;
            speeds.threads = threads;
            speeds.fillThreads = std::min(threads, 8U);
            bool paid = false;
            for (std::size_t tokens = 1; tokens <= 4096; tokens += 1 + tokens / 16) {
                const bool pays = streamingPays(workOf(network, tokens), speeds);
                CHECK((pays || !paid));
                paid = pays;
            }
            CHECK(paid);
        }
    }
}

TEST_CASE("an expert is moved with all that belongs to it")
{
    MoeFeedForward moe;
    moe.gate = shapes::matrix(256, 3, 5);
    moe.up = shapes::matrix(256, 3, 5);
    moe.down = shapes::matrix(512, 256, 5);
    std::vector<std::byte> file(std::size_t{5} * 432 + std::size_t{5} * 288 * 256 + 5 * 432);
    moe.gate.data = file.data();
    moe.up.data = file.data() + 5 * 432;
    moe.down.data = file.data() + 2 * 5 * 432;
    const auto plain = ExpertLayout::of(moe);
    REQUIRE(plain);
    CHECK(plain->experts() == 5);
    CHECK(plain->bytes() == 512 + 512 + 288 * 256); // every piece on a multiple of 256
    CHECK(plain->tableBytes() == 256); // 15 places of 16 bytes
    const auto pieces = plain->pieces(2);
    CHECK(pieces[0].from == moe.gate.data + 2 * 432);
    CHECK(pieces[0].to == 0);
    CHECK(pieces[0].bytes == 432);
    CHECK(pieces[1].bytes == 0);
    CHECK(pieces[4].from == moe.down.data + 2 * 288 * 256);
    CHECK(pieces[4].to == 1024);
    const auto places = plain->placesAt(file.data() + 4096);
    CHECK(places[2].data == file.data() + 5120);
    CHECK(places[2].scales == nullptr);
}

TEST_CASE("8-bit experts are moved with their scales, where these are theirs alone")
{
    std::vector<float> scales(64);
    std::vector<std::byte> file(std::size_t{4} * 128 * 256);
    MoeFeedForward moe;
    for (WeightMatrix* m : {&moe.gate, &moe.up, &moe.down}) {
        *m = shapes::matrix(256, 128, 4);
        m->type = TensorType::F8_E4M3;
        m->rowBytes = 256;
        m->stride = 256 * 128;
        m->data = file.data();
        m->scales = scales.data();
    }
    const auto together = ExpertLayout::of(moe);
    REQUIRE(together);
    CHECK(together->bytes() == 3 * (32768 + 256));
    CHECK(together->pieces(3)[1].from == reinterpret_cast<const std::byte*>(scales.data() + 6));
    CHECK(together->pieces(3)[1].bytes == 8); // one block of rows, two of columns
    const auto placed = together->placesAt(file.data());
    CHECK(reinterpret_cast<const std::byte*>(placed[0].scales) == file.data() + 32768);

    std::vector<kernels::MatrixPlace> apart(4);
    for (std::size_t i = 0; i < apart.size(); ++i)
        apart[i] = {file.data() + i, scales.data() + 10 * i};
    moe.up.places = apart;
    moe.up.scales = nullptr;
    const auto mixed = ExpertLayout::of(moe);
    REQUIRE(mixed);
    CHECK(mixed->pieces(2)[2].from == file.data() + 2);
    CHECK(mixed->pieces(2)[3].from == reinterpret_cast<const std::byte*>(scales.data() + 20));

    moe.gate.rows = 96; // the next expert begins within a block of scales
    moe.gate.stride = 256 * 96;
    CHECK(!ExpertLayout::of(moe));
}
