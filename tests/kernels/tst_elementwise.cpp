#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "kernels/cpu/bandwidth/bandwidth.h"
#include "kernels/cpu/elementwise/elementwise.h"
#include "kernels/cpu/norm/rms_norm.h"
#include "kernels/cpu/quant/rows.h"
#include "kernels/selfcheck/random.h"
#include "tests/kernels/variants.h"

using namespace ponder::kernels;

namespace {

constexpr std::size_t kWidths[] = {1, 7, 15, 16, 17, 64, 100, 1031};

} // namespace

TEST_CASE("rms norm")
{
    Random random(41);
    for (const std::size_t cols : kWidths) {
        const std::vector<float> x = random.floats(3 * cols, -5.0f, 5.0f);
        const std::vector<float> weight = random.floats(cols);
        forVariants([&](Variant variant) {
            VariantCpu cpu(variant);
            std::vector<float> y = x;
            rmsNorm(cpu, {x.data(), 3, cols}, weight, 1e-6f, {y.data(), 3, cols});
            std::vector<float> inPlace = x;
            rmsNorm(cpu, {inPlace.data(), 3, cols}, weight, 1e-6f, {inPlace.data(), 3, cols});
            CHECK(inPlace == y);
            for (std::size_t t = 0; t < 3; ++t) {
                double squares = 0;
                for (std::size_t c = 0; c < cols; ++c) {
                    squares += static_cast<double>(x[t * cols + c]) * x[t * cols + c];
                }
                const double scale = 1 / std::sqrt(squares / static_cast<double>(cols) + 1e-6);
                for (std::size_t c = 0; c < cols; ++c) {
                    const double expected = x[t * cols + c] * scale * weight[c];
                    CHECK(
                        std::fabs(y[t * cols + c] - expected) <= 1e-6 * std::fabs(expected) + 1e-9);
                }
            }
        });
    }
}

TEST_CASE("softmax sums to one and survives large and infinite scores")
{
    Random random(42);
    for (const std::size_t cols : kWidths) {
        std::vector<float> x = random.floats(2 * cols, -300.0f, 300.0f);
        if (cols > 2) {
            x[1] = -std::numeric_limits<float>::infinity();
        }
        forVariants([&](Variant variant) {
            VariantCpu cpu(variant);
            std::vector<float> y = x;
            softmax(cpu, {y.data(), 2, cols});
            for (std::size_t t = 0; t < 2; ++t) {
                const auto row = x.begin() + static_cast<std::ptrdiff_t>(t * cols);
                const double largest
                    = *std::max_element(row, row + static_cast<std::ptrdiff_t>(cols));
                double sum = 0;
                for (std::size_t c = 0; c < cols; ++c) {
                    sum += std::exp(x[t * cols + c] - largest);
                }
                for (std::size_t c = 0; c < cols; ++c) {
                    CHECK(std::fabs(y[t * cols + c] - std::exp(x[t * cols + c] - largest) / sum)
                        < 1e-6);
                }
            }
        });
    }
}

TEST_CASE("sigmoid and silu over their whole range")
{
    std::vector<float> x = {0.0f, -0.0f, 1e-30f, 1.0f, -1.0f, 20.0f, -20.0f, 88.0f, -88.0f, 100.0f,
        -100.0f, 1e30f, -1e30f, std::numeric_limits<float>::infinity(), 3.25f, -7.5f, 0.3f};
    forVariants([&](Variant variant) {
        VariantCpu cpu(variant);
        std::vector<float> s = x;
        sigmoid(cpu, {s.data(), 1, s.size()});
        std::vector<float> up(x.size(), 2.0f);
        std::vector<float> y(x.size());
        siluMul(cpu, {x.data(), 1, x.size()}, {up.data(), 1, x.size()}, {y.data(), 1, x.size()});
        for (std::size_t i = 0; i < x.size(); ++i) {
            const double expected = 1 / (1 + std::exp(-static_cast<double>(x[i])));
            CAPTURE(x[i]);
            CHECK(std::fabs(s[i] - expected) <= 3e-7 * expected + 1e-37);
            const double silu = std::isinf(x[i]) ? INFINITY : 2 * x[i] * expected;
            CHECK((y[i] == silu || std::fabs(y[i] - silu) <= 4e-7 * std::fabs(silu) + 1e-30));
        }
        std::vector<float> nan(17, std::numeric_limits<float>::quiet_NaN());
        sigmoid(cpu, {nan.data(), 1, 17});
        for (const float v : nan) {
            CHECK(std::isnan(v));
        }
    });
}

TEST_CASE("the clamped unit is gpt-oss's, and what is no number stays so")
{
    Random random(45);
    constexpr float kAlpha = 1.702f, kLimit = 7.0f;
    for (const std::size_t cols : kWidths) {
        const std::vector<float> gate = random.floats(2 * cols, -40.0f, 12.0f);
        const std::vector<float> up = random.floats(2 * cols, -12.0f, 12.0f);
        forVariants([&](Variant variant) {
            VariantCpu cpu(variant);
            std::vector<float> y = gate;
            const FloatRows inPlace(y.data(), 2, cols);
            clampedSwiGlu(cpu, inPlace, {up.data(), 2, cols}, kAlpha, kLimit, inPlace);
            for (std::size_t i = 0; i < y.size(); ++i) {
                const double g = std::min(gate[i], kLimit);
                const double u = std::clamp(up[i], -kLimit, kLimit);
                const double expected = g / (1 + std::exp(-1.702 * g)) * (u + 1);
                CHECK(std::fabs(y[i] - expected) <= 1e-5 * std::fabs(expected));
            }
            const float nan[] = {NAN, 1.0f};
            const float one[] = {1.0f, NAN};
            float out[2] = {};
            clampedSwiGlu(cpu, {nan, 1, 2}, {one, 1, 2}, kAlpha, kLimit, {out, 1, 2});
            CHECK(std::isnan(out[0]));
            CHECK(std::isnan(out[1]));
        });
    }
}

TEST_CASE("a vector is added to every row")
{
    Random random(46);
    for (const std::size_t cols : kWidths) {
        const std::vector<float> bias = random.floats(cols);
        const std::vector<float> before = random.floats(3 * (cols + 2));
        forVariants([&](Variant variant) {
            VariantCpu cpu(variant);
            std::vector<float> y = before;
            addToRows(cpu, bias, {y.data(), 3, cols, cols + 2});
            for (std::size_t t = 0; t < 3; ++t) {
                for (std::size_t c = 0; c < cols + 2; ++c) {
                    const std::size_t i = t * (cols + 2) + c;
                    CHECK(y[i] == (c < cols ? before[i] + bias[c] : before[i]));
                }
            }
        });
    }
}

TEST_CASE("rows are added where they are, strides left alone")
{
    Random random(43);
    for (const std::size_t cols : kWidths) {
        const std::vector<float> x = random.floats(2 * cols);
        forVariants([&](Variant variant) {
            VariantCpu cpu(variant);
            std::vector<float> y(2 * (cols + 3), 0.5f);
            add(cpu, {x.data(), 2, cols}, {y.data(), 2, cols, cols + 3});
            for (std::size_t t = 0; t < 2; ++t) {
                for (std::size_t c = 0; c < cols + 3; ++c) {
                    CHECK(y[t * (cols + 3) + c] == (c < cols ? x[t * cols + c] + 0.5f : 0.5f));
                }
            }
        });
    }
}

TEST_CASE("an embedding is a row of the table, exactly")
{
    Random random(44);
    for (const TensorTraits& type : supportedTensorTypes()) {
        CAPTURE(type.name);
        const std::size_t cols = type.weightsPerBlock == 1 ? 77 : 512;
        const RandomWeights table(random, type.type, 1, 9, cols, 1.0f, 1);
        const std::int32_t ids[] = {8, 0, 3};
        forVariants([&](Variant variant) {
            VariantCpu cpu(variant);
            std::vector<float> y(3 * cols);
            embeddingRows(cpu, table.matrix(), ids, {y.data(), 3, cols});
            for (std::size_t t = 0; t < 3; ++t) {
                std::vector<float> expected(cols);
                const auto id = static_cast<std::size_t>(ids[t]);
                const WeightView all = table.matrix();
                dequantizeRow(type.type, all.row(id), expected, all.scales.row(id));
                CHECK(std::equal(expected.begin(), expected.end(),
                    y.begin() + static_cast<std::ptrdiff_t>(t * cols)));
            }
        });
    }
}

TEST_CASE("bandwidth is measured, and is nothing where nothing can be measured")
{
    forVariants([&](Variant variant) {
        VariantCpu cpu(variant);
        CHECK(measureReadBandwidth(cpu, std::size_t{8} << 20, 3) > 1e7);
        CHECK(measureReadBandwidth(cpu, 0, 3) == 0);
        CHECK(measureReadBandwidth(cpu, std::size_t{1} << 62, 1) == 0);
    });
}
