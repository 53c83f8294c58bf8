#include "kernels/cuda/norm/rms_norm.h"

#include <cmath>
#include <limits>

#include "kernels/cpu/norm/rms_norm.h"
#include "kernels/selfcheck/random.h"
#include "tests/kernels/cuda/emulated.h"
#include "tests/kernels/variants.h"

using namespace ponder::kernels;
using namespace ponder::kernels::cuda;

namespace {

std::vector<float> expected(
    const std::vector<float>& x, std::size_t rows, const std::vector<float>& weight, float epsilon)
{
    VariantCpu cpu(Variant::Reference);
    std::vector<float> y(x.size());
    ponder::kernels::rmsNorm(
        cpu, {x.data(), rows, weight.size()}, weight, epsilon, {y.data(), rows, weight.size()});
    return y;
}

} // namespace

TEST_CASE("an RMS norm on the GPU is the processor's")
{
    Random random(1);
    for (const std::size_t cols : {1u, 3u, 4u, 31u, 64u, 130u, 1000u, 4100u, 7168u}) {
        for (const std::size_t rows : {1u, 3u}) {
            CAPTURE(cols);
            CAPTURE(rows);
            const auto x = random.floats(rows * cols);
            const auto weight = random.floats(cols);
            const auto want = expected(x, rows, weight, 1e-6f);
            forOrders([&] {
                EmulatedGpu gpu;
                const OnDevice<float> in(x), w(weight), out(x.size());
                REQUIRE(rmsNorm(
                    {in.data(), rows, cols}, w.data(), 1e-6f, {out.data(), rows, cols}, nullptr)
                        .ok());
                const auto got = out.values();
                for (std::size_t i = 0; i < got.size(); ++i)
                    REQUIRE(std::fabs(got[i] - want[i]) <= 2e-6f * (1 + std::fabs(want[i])));
            });
        }
    }
}

TEST_CASE("rows far apart, unaligned and in place")
{
    Random random(2);
    constexpr std::size_t kCols = 36;
    constexpr std::size_t kStride = 41;
    const auto x = random.floats(3 * kStride + 1);
    const auto weight = random.floats(kCols);
    EmulatedGpu gpu;
    const OnDevice<float> rows(x), w(weight);
    const FloatRows view(rows.data() + 1, 3, kCols, kStride);
    REQUIRE(rmsNorm(view, w.data(), 1e-5f, view, nullptr).ok());
    const auto got = rows.values();
    for (std::size_t r = 0; r < 3; ++r) {
        const std::vector<float> row(x.begin() + static_cast<long>(1 + r * kStride),
            x.begin() + static_cast<long>(1 + r * kStride + kCols));
        const auto want = expected(row, 1, weight, 1e-5f);
        for (std::size_t c = 0; c < kCols; ++c)
            CHECK(got[1 + r * kStride + c] == doctest::Approx(want[c]).epsilon(1e-5));
        if (r < 2)
            CHECK(got[1 + r * kStride + kCols] == x[1 + r * kStride + kCols]);
    }
}

TEST_CASE("a row with a NaN stays alone with it")
{
    Random random(3);
    auto x = random.floats(2 * 64);
    x[5] = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> weight(64, 1.0f);
    EmulatedGpu gpu;
    const OnDevice<float> in(x), w(weight), out(x.size());
    REQUIRE(rmsNorm({in.data(), 2, 64}, w.data(), 1e-6f, {out.data(), 2, 64}, nullptr).ok());
    const auto got = out.values();
    for (std::size_t c = 0; c < 64; ++c) {
        CHECK(std::isnan(got[c]));
        CHECK(std::isfinite(got[64 + c]));
    }
}
