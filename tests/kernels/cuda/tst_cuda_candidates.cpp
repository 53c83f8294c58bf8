#include "kernels/cuda/sample/candidates.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/generate/logit_statistics.h"
#include "kernels/selfcheck/random.h"
#include "tests/kernels/cuda/emulated.h"

namespace cuda = ponder::kernels::cuda;
using ponder::kernels::LogitSummary;
using ponder::kernels::Random;

namespace {

std::vector<LogitSummary> onGpu(const std::vector<float>& logits, std::size_t rows,
    std::size_t count, const ponder::kernels::Draw& draw = {})
{
    cuda::EmulatedGpu gpu;
    const cuda::OnDevice<float> device(logits);
    const cuda::OnDevice<LogitSummary> summaries(rows);
    const cuda::OnDevice<cuda::StepState> state(std::vector<cuda::StepState>{{.draw = draw}});
    auto workspace = cuda::CandidateWorkspace::create(rows);
    REQUIRE(workspace.has_value());
    REQUIRE(cuda::findCandidates({.logits = {device.data(), rows, logits.size() / rows},
                                     .count = count,
                                     .state = state.data(),
                                     .summaries = summaries.data()},
        *workspace, nullptr)
            .ok());
    return summaries.values();
}

void compare(const LogitSummary& got, std::span<const float> logits, std::size_t count)
{
    const LogitSummary want = ponder::measureLogits(logits);
    REQUIRE(got.valid == want.valid);
    if (want.valid == 0)
        return;
    CHECK(got.max == want.max);
    CHECK(got.logSum == doctest::Approx(want.logSum).epsilon(1e-6));
    CHECK(std::fabs(got.entropy - want.entropy) <= 1e-5f * (1 + want.entropy));
    std::vector<std::int32_t> ids(logits.size());
    std::iota(ids.begin(), ids.end(), 0);
    std::ranges::stable_sort(ids, [&](std::int32_t a, std::int32_t b) {
        return logits[static_cast<std::size_t>(a)] > logits[static_cast<std::size_t>(b)];
    });
    REQUIRE(got.count == static_cast<int>(std::min(count, logits.size())));
    REQUIRE(got.vocabulary == static_cast<int>(logits.size()));
    double sum = 0;
    for (const float l : logits)
        sum += std::exp((static_cast<double>(l) - static_cast<double>(got.max))
            * static_cast<double>(got.draw.inverseTemperature));
    CHECK(got.scaledSum == doctest::Approx(sum).epsilon(1e-5));
    for (int i = 0; i < got.count; ++i) {
        REQUIRE(got.ids[i] == ids[static_cast<std::size_t>(i)]);
        REQUIRE(
            got.logits[i] == logits[static_cast<std::size_t>(ids[static_cast<std::size_t>(i)])]);
    }
}

} // namespace

TEST_CASE("the likeliest tokens, the sum and the entropy are the sampler's own")
{
    Random random(21);
    for (const std::size_t vocabulary : {1u, 2u, 63u, 500u, 2048u, 2049u, 9000u}) {
        for (const std::size_t count : {1u, 5u, 64u}) {
            CAPTURE(vocabulary);
            CAPTURE(count);
            const auto logits = random.floats(2 * vocabulary, -20.0f, 15.0f);
            const auto got = onGpu(logits, 2, count);
            for (std::size_t r = 0; r < 2; ++r)
                compare(got[r], std::span(logits).subspan(r * vocabulary, vocabulary), count);
        }
    }
}

TEST_CASE("what all weigh at a temperature")
{
    Random random(24);
    auto logits = random.floats(4500, -20.0f, 15.0f);
    logits[7] = -std::numeric_limits<float>::infinity();
    for (const float inverse : {0.01f, 1 / 0.6f, 1000.0f}) {
        const LogitSummary got = onGpu(logits, 1, 8, {inverse})[0];
        CHECK(got.draw.inverseTemperature == inverse);
        CHECK(got.drawn == -1);
        compare(got, logits, 8);
    }
}

TEST_CASE("a number draws the token at which the weights before it reach it")
{
    Random random(25);
    for (const std::size_t vocabulary : {1u, 2u, 64u, 2047u, 2048u, 2049u, 7000u}) {
        auto logits = random.floats(vocabulary, -9.0f, 9.0f);
        for (std::size_t i = 3; i < vocabulary; i += 5)
            logits[i] = -std::numeric_limits<float>::infinity();
        for (const float inverse : {0.7f, 1.0f, 3.0f}) {
            std::vector<float> weights = logits;
            const double total = ponder::exponentiate(
                weights, *std::max_element(logits.begin(), logits.end()), inverse);
            for (const double unit : {0.0, 0.1, 0.25, 0.5, 0.77, 0.999, 0.9999999999}) {
                CAPTURE(vocabulary);
                CAPTURE(unit);
                const LogitSummary got = onGpu(logits, 1, 5, {inverse, unit})[0];
                CHECK(got.draw == ponder::kernels::Draw{inverse, unit});
                REQUIRE(got.drawn >= 0);
                REQUIRE(static_cast<std::size_t>(got.drawn) < vocabulary);
                const auto at = weights.begin() + got.drawn;
                CHECK(*at > 0);
                CHECK(got.drawnLogit == logits[static_cast<std::size_t>(got.drawn)]);
                const double before = std::accumulate(weights.begin(), at, 0.0) / total;
                CHECK(before <= unit + 1e-6);
                CHECK(unit <= before + static_cast<double>(*at) / total + 1e-6);
            }
        }
    }
    cuda::forOrders(
        [&] { CHECK(onGpu(std::vector<float>(4100, 0.5f), 1, 5, {1, 0.5})[0].drawn == 2050); });
    CHECK(onGpu({1.0f, std::numeric_limits<float>::quiet_NaN()}, 1, 1, {1, 0.5})[0].drawn == -1);
}

TEST_CASE("a large vocabulary")
{
    Random random(22);
    const auto logits = random.floats(200000, -8.0f, 8.0f);
    compare(onGpu(logits, 1, 64)[0], logits, 64);
}

TEST_CASE("equal logits come by id, however many there are")
{
    std::vector<float> logits(6000, 1.5f);
    cuda::forOrders([&] { compare(onGpu(logits, 1, 64)[0], logits, 64); });
    logits[4000] = 2.0f;
    logits[10] = -0.0f;
    logits[3] = 0.0f;
    compare(onGpu(logits, 1, 40)[0], logits, 40);
}

TEST_CASE("tokens that are ruled out, and numbers that are none")
{
    constexpr float kInf = std::numeric_limits<float>::infinity();
    Random random(23);
    auto logits = random.floats(5000);
    std::fill(logits.begin() + 100, logits.begin() + 4500, -kInf);
    compare(onGpu(logits, 1, 10)[0], logits, 10);
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), kInf}) {
        auto broken = logits;
        broken[4999] = bad;
        CHECK(onGpu(broken, 1, 10)[0].valid == 0);
    }
    CHECK(onGpu(std::vector<float>(3000, -kInf), 1, 10)[0].valid == 0);
}
