#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "kernels/cpu/attention/attention.h"
#include "kernels/selfcheck/random.h"
#include "tests/kernels/variants.h"

using namespace ponder::kernels;

namespace {

struct Shape {
    std::size_t tokens, heads, kvHeads, keyDim, valueDim;
    std::size_t first = 0; // position of token 0
    std::size_t window = 0;
    bool sinks = false;
    bool latent = false; // values are the beginnings of the keys
    float scale = 0.2f;

    [[nodiscard]] std::string text() const
    {
        std::string all;
        for (const std::size_t number : {tokens, heads, kvHeads, keyDim, valueDim, first, window})
            all += std::to_string(number) + ' ';
        return all + (sinks ? "sinks " : "") + (latent ? "latent" : "");
    }
};

Shape latent(Shape shape)
{
    shape.latent = true;
    return shape;
}

Shape withSinks(Shape shape)
{
    shape.sinks = true;
    return shape;
}

struct Case : Shape {
    std::vector<float> q, keys, values, sinkScores;

    Case(Random& random, const Shape& shape)
        : Shape(shape)
        , q(random.floats(tokens * heads * keyDim))
        , keys(random.floats(positions() * kvHeads * keyDim))
        , values(random.floats(latent ? 0 : positions() * kvHeads * valueDim))
        , sinkScores(random.floats(sinks ? heads : 0, -2.0f, 3.0f))
    {
    }
    [[nodiscard]] std::size_t positions() const { return first + tokens; }
    [[nodiscard]] const float* key(std::size_t position, std::size_t head) const
    {
        return keys.data() + (head * positions() + position) * keyDim;
    }
    [[nodiscard]] const float* value(std::size_t position, std::size_t head) const
    {
        return latent ? key(position, head)
                      : values.data() + (head * positions() + position) * valueDim;
    }
    [[nodiscard]] std::size_t rowFloats() const { return heads * valueDim; }
};

/// Tokens from, …, from + count - 1 of a case. [count, heads, valueDim]
std::vector<float> run(Cpu& cpu, const Case& c, std::size_t from, std::size_t count)
{
    std::vector<float> out(count * c.rowFloats(), 9.0f);
    Attention attention;
    const std::size_t seen = c.first + from + count;
    Attention::Params p;
    p.q = {c.q.data() + from * c.heads * c.keyDim, count, c.heads, c.keyDim, c.heads * c.keyDim,
        c.keyDim};
    p.keys = {c.key(0, 0), seen, c.kvHeads, c.keyDim, c.keyDim, c.positions() * c.keyDim};
    p.values = c.latent
        ? ConstHeadRows{c.key(0, 0), seen, c.kvHeads, c.valueDim, c.keyDim, p.keys.headStride}
        : ConstHeadRows{
              c.value(0, 0), seen, c.kvHeads, c.valueDim, c.valueDim, c.positions() * c.valueDim};
    p.firstPosition = c.first + from;
    p.window = c.window;
    p.scale = c.scale;
    p.sinks = c.sinkScores;
    p.out = {out.data(), count, c.heads, c.valueDim, c.rowFloats(), c.valueDim};
    attention.run(cpu, p);
    return out;
}

std::vector<double> exact(const Case& c, std::size_t t, std::size_t h)
{
    const float* q = c.q.data() + (t * c.heads + h) * c.keyDim;
    const std::size_t kvHead = h / (c.heads / c.kvHeads);
    const std::size_t end = c.first + t + 1;
    const std::size_t begin = c.window > 0 && end > c.window ? end - c.window : 0;
    std::vector<double> weights(end);
    double largest = c.sinks ? c.sinkScores[h] : -1e300;
    for (std::size_t p = begin; p < end; ++p) {
        for (std::size_t i = 0; i < c.keyDim; ++i) {
            weights[p] += static_cast<double>(q[i]) * c.key(p, kvHead)[i];
        }
        weights[p] *= c.scale;
        largest = std::max(largest, weights[p]);
    }
    double sum = c.sinks ? std::exp(c.sinkScores[h] - largest) : 0;
    std::vector<double> out(c.valueDim);
    for (std::size_t p = begin; p < end; ++p) {
        const double w = std::exp(weights[p] - largest);
        sum += w;
        for (std::size_t i = 0; i < c.valueDim; ++i) {
            out[i] += w * c.value(p, kvHead)[i];
        }
    }
    for (double& v : out) {
        v /= sum;
    }
    return out;
}

// The farthest that any result lies from the exact one.
double largestError(const Case& c, const std::vector<float>& out)
{
    double largest = 0;
    for (std::size_t t = 0; t < c.tokens; ++t) {
        for (std::size_t h = 0; h < c.heads; ++h) {
            const std::vector<double> expected = exact(c, t, h);
            const float* got = out.data() + t * c.rowFloats() + h * c.valueDim;
            for (std::size_t i = 0; i < c.valueDim; ++i) {
                const double error = std::fabs(got[i] - expected[i]);
                largest = std::isnan(error) ? 1e300 : std::max(largest, error);
            }
        }
    }
    return largest;
}

} // namespace

TEST_CASE("attention is near the exact one, over odd sizes, windows and sinks")
{
    Random random(21);
    const Shape shapes[] = {
        // Latent: one cached head, its values the beginnings of its keys.
        latent({1, 1, 1, 12, 8}),
        latent({3, 5, 1, 34, 24}),
        latent({2, 16, 1, 96, 64, 254}),
        latent({4, 3, 1, 40, 33, 255}),
        latent({1, 20, 1, 64, 48, 1300}),
        // Grouped.
        {5, 3, 1, 40, 40},
        {9, 4, 4, 17, 5, 250},
        {1, 28, 4, 128, 128, 700},
        {37, 6, 2, 80, 96, 490},
        {2, 40, 2, 24, 16, 300}, // more heads to a group than a block has rows
        // Windows: shorter and longer than what there is, and than a span.
        {40, 4, 2, 16, 16, 240, 1},
        {40, 4, 2, 16, 16, 240, 7},
        {3, 4, 2, 16, 16, 600, 256},
        {20, 8, 1, 32, 32, 1000, 300},
        {20, 8, 1, 32, 32, 10, 300},
        // Sinks, alone and with a window.
        withSinks({5, 6, 3, 16, 24, 300}),
        {30, 8, 2, 64, 64, 530, 128, true},
        {1, 8, 2, 64, 64, 2000, 128, true},
    };
    for (const Shape& shape : shapes) {
        const Case c(random, shape);
        CAPTURE(c.text());
        forVariants([&](Variant variant) {
            VariantCpu cpu(variant);
            CHECK(largestError(c, run(cpu, c, 0, c.tokens)) < 2e-5);
        });
    }
}

TEST_CASE("attention does not depend on the batch nor on the threads")
{
    Random random(22);
    for (const Shape& shape : {latent({40, 6, 1, 52, 40, 600}), Shape{40, 6, 2, 40, 40, 600},
             Shape{40, 6, 2, 40, 24, 500, 270}, Shape{40, 2, 2, 48, 48, 0, 11, true},
             Shape{40, 14, 2, 16, 16, 490, 0, true}}) {
        const Case c(random, shape);
        CAPTURE(c.text());
        forVariants([&](Variant variant) {
            VariantCpu one(variant, 1);
            VariantCpu many(variant, 5);
            const std::vector<float> all = run(one, c, 0, c.tokens);
            CHECK(all == run(many, c, 0, c.tokens));
            for (const std::size_t t : {0u, 13u, 39u}) {
                for (Cpu* cpu : {static_cast<Cpu*>(&one), static_cast<Cpu*>(&many)}) {
                    const std::vector<float> single = run(*cpu, c, t, 1);
                    CHECK(std::memcmp(single.data(), all.data() + t * c.rowFloats(),
                              c.rowFloats() * sizeof(float))
                        == 0);
                }
            }
            const std::vector<float> some = run(many, c, 5, 9);
            CHECK(std::memcmp(
                      some.data(), all.data() + 5 * c.rowFloats(), some.size() * sizeof(float))
                == 0);
        });
    }
}

TEST_CASE("scores far apart neither overflow nor vanish")
{
    Random random(23);
    for (const bool sinks : {false, true}) {
        Shape shape = latent({1, 2, 1, 24, 16, 500});
        shape.sinks = sinks;
        shape.scale = 300.0f;
        const Case c(random, shape);
        forVariants([&](Variant variant) {
            VariantCpu cpu(variant);
            CHECK(largestError(c, run(cpu, c, 0, 1)) < 2e-3);
        });
    }
}

TEST_CASE("a sink that outweighs every score leaves almost nothing")
{
    Random random(24);
    Case c(random, withSinks({2, 2, 1, 8, 8, 30}));
    c.sinkScores = {200.0f, -200.0f};
    Case without = c;
    without.sinks = false;
    without.sinkScores.clear();
    forVariants([&](Variant variant) {
        VariantCpu cpu(variant);
        const std::vector<float> out = run(cpu, c, 0, 2);
        const std::vector<float> plain = run(cpu, without, 0, 2);
        for (std::size_t i = 0; i < 8; ++i) {
            CHECK(std::fabs(out[i]) < 1e-30f);
            CHECK(out[8 + i] == plain[8 + i]);
        }
    });
}
