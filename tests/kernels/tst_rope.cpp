#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <doctest/doctest.h>

#include "kernels/cpu/rope/rope.h"
#include "kernels/selfcheck/random.h"
#include "tests/kernels/variants.h"

using namespace ponder::kernels;

TEST_CASE("without scaling the waves are powers of the base")
{
    const RopeAngles angles({.dim = 8, .base = 10000.0f});
    REQUIRE(angles.frequencies().size() == 4);
    CHECK(angles.frequencies()[0] == 1.0f);
    CHECK(angles.frequencies()[1] == doctest::Approx(0.1));
    CHECK(angles.frequencies()[3] == doctest::Approx(0.001));
}

TEST_CASE("YaRN keeps fast waves, stretches slow ones and blends between")
{
    // The correction range of DeepSeek's modeling code for these parameters is 10 .. 23.
    const RopeAngles angles(
        {.dim = 64, .base = 10000.0f, .factor = 40.0f, .originalContext = 4096.0f});
    for (std::size_t i = 0; i < 32; ++i) {
        const double fast = std::pow(10000.0, -static_cast<double>(i) / 32);
        const double kept = i <= 10 ? 1.0
            : i >= 23               ? 0.0
                                    : 1.0 - (static_cast<double>(i) - 10) / 13;
        CHECK(angles.frequencies()[i]
            == doctest::Approx(fast / 40 * (1 - kept) + fast * kept).epsilon(1e-5));
    }
}

TEST_CASE("YaRN's range is taken as it is where it is not rounded")
{
    // gpt-oss: the range is 8.0928 .. 17.3980 (Hugging Face's "truncate": false)
    const RopeAngles angles({.dim = 64,
        .base = 150000.0f,
        .factor = 32.0f,
        .originalContext = 4096.0f,
        .yarnTruncate = false});
    for (std::size_t i = 0; i < 32; ++i) {
        const double fast = std::pow(150000.0, -static_cast<double>(i) / 32);
        const double ramp
            = std::clamp((static_cast<double>(i) - 8.0927791) / (17.3980245 - 8.0927791), 0.0, 1.0);
        CHECK(angles.frequencies()[i]
            == doctest::Approx(fast / 32 * ramp + fast * (1 - ramp)).epsilon(1e-5));
    }
}

TEST_CASE("each wave may be slowed down by itself")
{
    const std::vector<float> freqFactors = {1, 2, 8};
    const RopeAngles angles({.dim = 6, .base = 1000.0f, .freqFactors = freqFactors});
    CHECK(angles.frequencies()[0] == 1.0f);
    CHECK(angles.frequencies()[1] == doctest::Approx(0.05));
    CHECK(angles.frequencies()[2] == doctest::Approx(0.01 / 8));
}

TEST_CASE("a pair turns by position times frequency, whatever lies between the heads")
{
    Random random(31);
    constexpr std::size_t kDim = 6, kHeads = 3, kTokens = 4, kStride = 10;
    RopeAngles angles({.dim = kDim, .base = 100.0f, .attentionFactor = 1.5f});
    const std::vector<std::int32_t> positions = {0, 7, 100, 3};
    angles.setPositions(positions);
    for (const RopeLayout layout : {RopeLayout::Interleaved, RopeLayout::HalfSplit}) {
        const std::vector<float> before = random.floats(kTokens * kHeads * kStride);
        std::vector<float> x = before;
        Cpu cpu({.threads = 2});
        rope(cpu, angles, layout, {x.data() + 2, kTokens, kHeads, kDim, kHeads * kStride, kStride});
        for (std::size_t t = 0; t < kTokens; ++t) {
            for (std::size_t h = 0; h < kHeads; ++h) {
                const std::size_t row = (t * kHeads + h) * kStride;
                for (const std::size_t untouched : {0u, 1u, 8u, 9u}) {
                    CHECK(x[row + untouched] == before[row + untouched]);
                }
                for (std::size_t i = 0; i < kDim / 2; ++i) {
                    const std::size_t a = row + 2 + (layout == RopeLayout::Interleaved ? 2 * i : i);
                    const std::size_t b = layout == RopeLayout::Interleaved ? a + 1 : a + kDim / 2;
                    const double angle
                        = positions[t] * std::pow(100.0, -2.0 * static_cast<double>(i) / kDim);
                    CHECK(x[a]
                        == doctest::Approx(
                            1.5 * (before[a] * std::cos(angle) - before[b] * std::sin(angle)))
                            .epsilon(1e-4));
                    CHECK(x[b]
                        == doctest::Approx(
                            1.5 * (before[a] * std::sin(angle) + before[b] * std::cos(angle)))
                            .epsilon(1e-4));
                }
            }
        }
    }
}
