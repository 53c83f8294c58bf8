#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "kernels/cpu/matmul/matmul.h"
#include "kernels/cpu/quant/rows.h"
#include "kernels/selfcheck/random.h"
#include "tests/kernels/variants.h"

using namespace ponder::kernels;

namespace {

std::vector<double> exactWeights(const WeightView& w)
{
    std::vector<double> all;
    std::vector<float> row(w.cols);
    for (std::size_t r = 0; r < w.rows; ++r) {
        dequantizeRow(w.type, w.row(r), row, w.scales.row(r));
        all.insert(all.end(), row.begin(), row.end());
    }
    return all;
}

std::vector<float> product(Variant variant, const WeightView& w, const std::vector<float>& x,
    std::size_t tokens, std::size_t threads = 2)
{
    VariantCpu cpu(variant, threads);
    Activations activations;
    activations.pack(cpu, {x.data(), tokens, w.cols});
    std::vector<float> y(tokens * w.rows, -77.0f);
    matmul(cpu, w, activations, {y.data(), tokens, w.rows});
    return y;
}

bool sameBits(const std::vector<float>& a, const std::vector<float>& b)
{
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

std::vector<std::size_t> widths(TensorType type)
{
    switch (traits(type).weightsPerBlock) {
    case 1:
        return {1, 15, 16, 17, 33, 100, 257};
    case 32:
        return {32, 64, 96, 288};
    default:
        return {256, 512, 768};
    }
}

} // namespace

TEST_CASE("a product is near the exact one")
{
    Random random(1);
    for (const TensorTraits& type : supportedTensorTypes()) {
        CAPTURE(type.name);
        const std::size_t cols = widths(type.type).back();
        const RandomWeights w(random, type.type, 1, 21, cols);
        const std::vector<double> exact = exactWeights(w.matrix());
        const std::vector<float> x = random.floats(3 * cols);
        forVariants([&](Variant variant) {
            const std::vector<float> y = product(variant, w.matrix(), x, 3);
            double error = 0;
            double size = 0;
            for (std::size_t t = 0; t < 3; ++t) {
                for (std::size_t r = 0; r < 21; ++r) {
                    double expected = 0;
                    for (std::size_t c = 0; c < cols; ++c) {
                        expected += exact[r * cols + c] * x[t * cols + c];
                    }
                    error += std::pow(y[t * 21 + r] - expected, 2);
                    size += expected * expected;
                }
            }
            CHECK(std::sqrt(error / size) < (type.quantised ? 6e-3 : 1e-6));
        });
    }
}

TEST_CASE("every variant gives the reference's bits for any number of rows, columns and tokens")
{
    Random random(2);
    for (const TensorTraits& type : supportedTensorTypes()) {
        CAPTURE(type.name);
        for (const std::size_t cols : widths(type.type)) {
            for (const std::size_t rows : {1u, 2u, 7u, 8u, 9u, 15u, 16u, 17u, 31u, 33u, 70u}) {
                const RandomWeights w(random, type.type, 1, rows, cols, 1.0f, rows, rows % 3);
                const std::size_t tokens = 1 + random.bits() % 20;
                CAPTURE(cols);
                CAPTURE(rows);
                CAPTURE(tokens);
                const std::vector<float> x = random.floats(tokens * cols);
                const std::vector<float> expected
                    = product(Variant::Reference, w.matrix(), x, tokens);
                forVariants([&](Variant variant) {
                    CHECK(sameBits(product(variant, w.matrix(), x, tokens), expected));
                });
            }
        }
    }
}

TEST_CASE("a token's product does not depend on its batch nor on the threads")
{
    Random random(3);
    constexpr std::size_t kTokens = 70;
    for (const TensorTraits& type : supportedTensorTypes()) {
        CAPTURE(type.name);
        const std::size_t cols = widths(type.type).back();
        const RandomWeights w(random, type.type, 1, 70, cols);
        const std::vector<float> x = random.floats(kTokens * cols);
        forVariants([&](Variant variant) {
            std::vector<float> single;
            for (std::size_t t = 0; t < kTokens; ++t) {
                const std::vector<float> row(x.begin() + static_cast<std::ptrdiff_t>(t * cols),
                    x.begin() + static_cast<std::ptrdiff_t>((t + 1) * cols));
                const std::vector<float> y = product(variant, w.matrix(), row, 1, 1);
                single.insert(single.end(), y.begin(), y.end());
            }
            CHECK(sameBits(product(variant, w.matrix(), x, kTokens, 1), single));
            CHECK(sameBits(product(variant, w.matrix(), x, kTokens, 3), single));
        });
    }
}

TEST_CASE("strided rows in and out leave what lies between them alone")
{
    Random random(4);
    const RandomWeights w(random, TensorType::Q8_0, 1, 19, 64);
    forVariants([&](Variant variant) {
        VariantCpu cpu(variant);
        const std::vector<float> x = random.floats(5 * 80);
        std::vector<float> packed;
        for (std::size_t t = 0; t < 5; ++t) {
            packed.insert(packed.end(), x.begin() + static_cast<std::ptrdiff_t>(t * 80),
                x.begin() + static_cast<std::ptrdiff_t>(t * 80 + 64));
        }
        const std::vector<float> expected = product(variant, w.matrix(), packed, 5);
        Activations activations;
        activations.pack(cpu, {x.data(), 5, 64, 80});
        std::vector<float> y(5 * 23, 5.0f);
        matmul(cpu, w.matrix(), activations, {y.data(), 5, 19, 23});
        for (std::size_t t = 0; t < 5; ++t) {
            for (std::size_t r = 0; r < 23; ++r) {
                CHECK(y[t * 23 + r] == (r < 19 ? expected[t * 19 + r] : 5.0f));
            }
        }
    });
}

TEST_CASE("what is not a number shows in the product, and nowhere else")
{
    Random random(5);
    const float bad[] = {std::numeric_limits<float>::quiet_NaN(),
        std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()};
    for (const TensorTraits& type : supportedTensorTypes()) {
        CAPTURE(type.name);
        const std::size_t cols = widths(type.type).back();
        const RandomWeights w(random, type.type, 1, 18, cols);
        for (const float value : bad) {
            std::vector<float> x = random.floats(9 * cols);
            x[4 * cols + cols / 2] = value;
            forVariants([&](Variant variant) {
                const std::vector<float> y = product(variant, w.matrix(), x, 9);
                for (std::size_t i = 0; i < y.size(); ++i) {
                    CHECK(std::isfinite(y[i]) == (i / 18 != 4));
                }
            });
        }
    }
}

TEST_CASE("very small and very large activations keep their precision")
{
    Random random(6);
    const RandomWeights w(random, TensorType::Q8_0, 1, 16, 64);
    const std::vector<float> x = random.floats(64);
    forVariants([&](Variant variant) {
        const std::vector<float> y = product(variant, w.matrix(), x, 1);
        for (const float scale : {0x1p-60f, 0x1p+100f}) {
            std::vector<float> scaled = x;
            for (float& v : scaled) {
                v *= scale;
            }
            const std::vector<float> z = product(variant, w.matrix(), scaled, 1);
            for (std::size_t r = 0; r < 16; ++r) {
                CHECK(z[r] == y[r] * scale);
            }
        }
        const std::vector<float> zero = product(variant, w.matrix(), std::vector<float>(64), 1);
        const std::vector<float> tiny
            = product(variant, w.matrix(), std::vector<float>(64, 1e-44f), 1);
        for (std::size_t r = 0; r < 16; ++r) {
            CHECK(zero[r] == 0.0f);
            CHECK(tiny[r] == 0.0f);
        }
    });
}

TEST_CASE("one matrix a head")
{
    Random random(7);
    constexpr std::size_t kHeads = 3, kRows = 37, kCols = 64, kTokens = 5;
    for (const TensorType type : {TensorType::F32, TensorType::Q8_0}) {
        const RandomWeights w(random, type, kHeads, kRows, kCols);
        const std::vector<float> x = random.floats(kTokens * kHeads * 80);
        forVariants([&](Variant variant) {
            VariantCpu cpu(variant);
            Activations activations;
            activations.packHeads(cpu, {x.data(), kTokens, kHeads, kCols, kHeads * 80, 80});
            std::vector<float> y(kTokens * kHeads * 40, 9.0f);
            matmulHeads(
                cpu, w.stack(), activations, {y.data(), kTokens, kHeads, kRows, kHeads * 40, 40});
            for (std::size_t t = 0; t < kTokens; ++t) {
                for (std::size_t h = 0; h < kHeads; ++h) {
                    const auto start
                        = x.begin() + static_cast<std::ptrdiff_t>((t * kHeads + h) * 80);
                    const std::vector<float> row(start, start + kCols);
                    const std::vector<float> expected
                        = product(variant, w.stack().matrix(h), row, 1);
                    for (std::size_t r = 0; r < 40; ++r) {
                        CHECK(y[(t * kHeads + h) * 40 + r] == (r < kRows ? expected[r] : 9.0f));
                    }
                }
            }
        });
    }
}

TEST_CASE("the transposed product sums weight rows")
{
    Random random(8);
    constexpr std::size_t kHeads = 2, kRows = 13, kTokens = 6;
    for (const TensorTraits& type : supportedTensorTypes()) {
        CAPTURE(type.name);
        const std::size_t cols = widths(type.type).back();
        const RandomWeights all(random, type.type, kHeads, kRows + 3, cols);
        WeightStack w
            = all.stack(); // as attn_kv_b: rows that are not the keys' lie between the heads
        w.rows = kRows;
        const std::vector<float> x = random.floats(kTokens * kHeads * kRows);
        std::vector<float> expected;
        forVariants([&](Variant variant) {
            VariantCpu cpu(variant);
            const auto run = [&](std::size_t first, std::size_t tokens) {
                std::vector<float> y(tokens * kHeads * cols, 3.0f);
                matmulHeadsTransposed(cpu, w,
                    {x.data() + first * kHeads * kRows, tokens, kHeads, kRows, kHeads * kRows,
                        kRows},
                    {y.data(), tokens, kHeads, cols, kHeads * cols, cols});
                return y;
            };
            const std::vector<float> y = run(0, kTokens);
            for (std::size_t h = 0; h < kHeads; ++h) {
                const std::vector<double> exact = exactWeights(w.matrix(h));
                for (std::size_t t = 0; t < kTokens; ++t) {
                    for (std::size_t c = 0; c < cols; ++c) {
                        double sum = 0;
                        for (std::size_t r = 0; r < kRows; ++r) {
                            sum += exact[r * cols + c] * x[(t * kHeads + h) * kRows + r];
                        }
                        REQUIRE(
                            y[(t * kHeads + h) * cols + c] == doctest::Approx(sum).epsilon(1e-5));
                    }
                }
            }
            const std::vector<float> last = run(kTokens - 1, 1);
            CHECK(std::memcmp(last.data(), y.data() + (kTokens - 1) * kHeads * cols,
                      last.size() * sizeof(float))
                == 0);
            if (variant == Variant::Reference) {
                expected = y;
            }
            CHECK(sameBits(y, expected));
        });
    }
}
