#include <cmath>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "kernels/cpu/elementwise/elementwise.h"
#include "kernels/cpu/matmul/matmul.h"
#include "kernels/cpu/moe/feed_forward.h"
#include "kernels/cpu/quant/rows.h"
#include "kernels/selfcheck/random.h"
#include "kernels/types/half.h"
#include "tests/kernels/variants.h"

using namespace ponder::kernels;

TEST_CASE("the 256 numbers of E4M3")
{
    for (int bits = 0; bits < 256; ++bits) {
        CAPTURE(bits);
        const float value = float8ToFloat(static_cast<std::uint8_t>(bits));
        const int exponent = (bits >> 3) & 15;
        const int mantissa = bits & 7;
        if (exponent == 15 && mantissa == 7) {
            CHECK(std::isnan(value));
            continue;
        }
        const float size = exponent == 0
            ? std::ldexp(static_cast<float>(mantissa), -9)
            : std::ldexp(1.0f + static_cast<float>(mantissa) / 8, exponent - 7);
        CHECK(std::fabs(value) == size);
        CHECK(std::signbit(value) == (bits >= 128));
    }
    CHECK(float8ToFloat(0x7E) == 448.0f);
}

TEST_CASE("a number becomes the nearest of E4M3, ties to the even one, at most 448")
{
    std::vector<float> numbers = {0.0f, 0x1p-10f, 0x1.8p-9f, 0x1p-40f, 447.9f, 463.9f, 464.0f, 1e9f,
        std::numeric_limits<float>::infinity(), std::numeric_limits<float>::denorm_min()};
    for (int bits = 0; bits < 0x7E; ++bits) { // at and next to every border of two numbers
        const float here = float8ToFloat(static_cast<std::uint8_t>(bits));
        const float middle = (here + float8ToFloat(static_cast<std::uint8_t>(bits + 1))) / 2;
        numbers.insert(numbers.end(),
            {here, middle, std::nextafter(middle, 0.0f), std::nextafter(middle, 1000.0f)});
    }
    for (const float number : numbers) {
        CAPTURE(number);
        int best = 0;
        for (int bits = 1; bits < 0x7F; ++bits) {
            const double far
                = std::fabs(double(float8ToFloat(static_cast<std::uint8_t>(bits))) - number);
            const double least
                = std::fabs(double(float8ToFloat(static_cast<std::uint8_t>(best))) - number);
            if (far < least || (far == least && bits % 2 == 0))
                best = bits;
        }
        if (std::isinf(number))
            best = 0x7E;
        CHECK(floatToFloat8(number) == best);
        CHECK(floatToFloat8(-number) == (best | 0x80));
    }
    CHECK(floatToFloat8(std::numeric_limits<float>::quiet_NaN()) == 0x7F);
    CHECK(floatToFloat8(-std::numeric_limits<float>::quiet_NaN()) == 0x7F);
}

TEST_CASE("every variant reads all of them, with the scale of their block")
{
    std::vector<std::byte> row;
    for (int i = 0; i < 256 + 7; ++i) {
        row.push_back(static_cast<std::byte>(i * 3));
    }
    const float scales[] = {0.75f, 3.0f, 1e-3f};
    forVariants([&](Variant variant) {
        VariantCpu cpu(variant);
        const WeightView table{
            TensorType::F8_E4M3, row.data(), 1, row.size(), row.size(), {scales, 3, 0}};
        const std::int32_t ids[] = {0};
        std::vector<float> y(row.size());
        embeddingRows(cpu, table, ids, {y.data(), 1, y.size()});
        for (std::size_t c = 0; c < y.size(); ++c) {
            const float expected
                = float8ToFloat(static_cast<std::uint8_t>(row[c])) * scales[c / 128];
            CHECK((y[c] == expected || (std::isnan(y[c]) && std::isnan(expected))));
        }
    });
}

TEST_CASE("scales are those of the block of 128 rows and columns, also in a part of a matrix")
{
    // Every weight is one, so that a product is the sum of 100, then 40 times its row's scales.
    constexpr std::size_t kRows = 300, kCols = 140;
    const std::vector<std::byte> ones(kRows * kCols, std::byte{0x38});
    const float scales[] = {1, 10, 2, 20, 3, 30};
    const std::vector<float> x(kCols, 1.0f);
    const WeightView all{TensorType::F8_E4M3, ones.data(), kRows, kCols, kCols, {scales, 2, 0}};
    forVariants([&](Variant variant) {
        VariantCpu cpu(variant, 3);
        Activations activations;
        activations.pack(cpu, {x.data(), 1, kCols});
        const auto check = [&](std::size_t first, std::size_t count) {
            std::vector<float> y(count);
            matmul(cpu, all.slice(first, count), activations, {y.data(), 1, count});
            for (std::size_t r = 0; r < count; ++r) {
                const auto block = static_cast<float>((first + r) / 128 + 1);
                REQUIRE(y[r] == 128 * block + 12 * 10 * block);
            }
        };
        check(0, kRows);
        check(100, 60);
        check(127, 2);
        check(257, 43);

        // Three matrices in one tensor of 300 rows: the second and third begin inside a block.
        const WeightStack stack{TensorType::F8_E4M3, ones.data(), 3, 90, kCols, kCols, 100 * kCols,
            {scales, 2, 5}, 100};
        for (std::size_t m = 0; m < 3; ++m) {
            std::vector<float> y(90);
            matmul(cpu, stack.matrix(m), activations, {y.data(), 1, 90});
            for (std::size_t r = 0; r < 90; ++r) {
                const auto block = static_cast<float>((5 + m * 100 + r) / 128 + 1);
                REQUIRE(y[r] == 248 * block);
            }
        }
    });
}

TEST_CASE("matrices that lie in places of their own give what they give side by side")
{
    Random random(21);
    constexpr std::size_t kExperts = 4, kWidth = 256, kHidden = 128;
    for (const TensorType type : {TensorType::F8_E4M3, TensorType::BF16, TensorType::Q8_0}) {
        CAPTURE(traits(type).name);
        const RandomWeights gate(random, type, kExperts, kHidden, kWidth);
        const RandomWeights up(random, type, kExperts, kHidden, kWidth);
        const RandomWeights down(random, type, kExperts, kWidth, kHidden);
        const auto placesOf = [](const WeightStack& w) {
            std::vector<MatrixPlace> places;
            for (std::size_t m = 0; m < w.count; ++m) {
                places.push_back({w.matrix(m).data, w.matrix(m).scales.row(0)});
            }
            return places;
        };
        const auto inPlaces = [](WeightStack w, const std::vector<MatrixPlace>& places) {
            w.data = nullptr;
            w.matrixStride = 0;
            w.scales.data = nullptr;
            w.scaleRows = 0;
            w.places = places.data();
            return w;
        };
        const auto gates = placesOf(gate.stack());
        const auto ups = placesOf(up.stack());
        const auto downs = placesOf(down.stack());
        const std::vector<float> x = random.floats(2 * kWidth);
        const std::int32_t ids[] = {3, 1, 0, 3};
        const float weights[] = {0.5f, 0.25f, 1.0f, 2.0f};
        forVariants([&](Variant variant) {
            VariantCpu cpu(variant);
            Activations activations;
            activations.pack(cpu, {x.data(), 2, kWidth});
            const auto run = [&](const WeightStack& g, const WeightStack& u, const WeightStack& d) {
                std::vector<float> y(2 * kWidth);
                FeedForward().experts(cpu, {.gate = g, .up = u, .down = d}, activations, ids,
                    weights, 2, {y.data(), 2, kWidth}, false);
                return y;
            };
            CHECK(run(inPlaces(gate.stack(), gates), inPlaces(up.stack(), ups),
                      inPlaces(down.stack(), downs))
                == run(gate.stack(), up.stack(), down.stack()));
        });
    }
}
