#include <cmath>
#include <cstring>
#include <vector>

#include <doctest/doctest.h>

#include "kernels/cpu/attention/mla_attention.h"
#include "kernels/cpu/selfcheck/random.h"
#include "tests/kernels/variants.h"

using namespace ponder::kernels;

namespace {

struct Case {
    std::size_t tokens, heads, rank, rope, first;
    float scale = 0.2f;
    std::vector<float> q, cache;

    Case(Random& random, std::size_t t, std::size_t h, std::size_t r, std::size_t p, std::size_t f)
        : tokens(t)
        , heads(h)
        , rank(r)
        , rope(p)
        , first(f)
        , q(random.floats(t * h * (r + p)))
        , cache(random.floats((f + t) * (r + p)))
    {
    }
    std::size_t key() const { return rank + rope; }
};

std::vector<float> run(Cpu& cpu, const Case& c, std::size_t first, std::size_t tokens)
{
    std::vector<float> out(tokens * c.heads * c.rank, 9.0f);
    MlaAttention attention;
    MlaAttention::Params p;
    p.q = {c.q.data() + first * c.heads * c.key(), tokens, c.heads, c.key(), c.heads * c.key(),
        c.key()};
    p.cache = {c.cache.data(), c.first + first + tokens, c.key()};
    p.kvLoraRank = c.rank;
    p.firstPosition = c.first + first;
    p.scale = c.scale;
    p.out = {out.data(), tokens, c.heads, c.rank, c.heads * c.rank, c.rank};
    attention.run(cpu, p);
    return out;
}

std::vector<double> exact(const Case& c, std::size_t t, std::size_t h)
{
    const float* q = c.q.data() + (t * c.heads + h) * c.key();
    std::vector<double> weights(c.first + t + 1);
    double largest = -1e300;
    for (std::size_t p = 0; p < weights.size(); ++p) {
        for (std::size_t i = 0; i < c.key(); ++i) {
            weights[p] += static_cast<double>(q[i]) * c.cache[p * c.key() + i];
        }
        weights[p] *= c.scale;
        largest = std::max(largest, weights[p]);
    }
    double sum = 0;
    std::vector<double> out(c.rank);
    for (std::size_t p = 0; p < weights.size(); ++p) {
        const double w = std::exp(weights[p] - largest);
        sum += w;
        for (std::size_t i = 0; i < c.rank; ++i) {
            out[i] += w * c.cache[p * c.key() + i];
        }
    }
    for (double& v : out) {
        v /= sum;
    }
    return out;
}

} // namespace

TEST_CASE("attention over the latent cache is near the exact one")
{
    Random random(21);
    const Case cases[] = {
        {random, 1, 1, 8, 4, 0},
        {random, 3, 5, 24, 10, 0},
        {random, 2, 16, 64, 32, 254},
        {random, 4, 3, 33, 7, 255},
        {random, 1, 20, 48, 16, 1300},
    };
    for (const Case& c : cases) {
        CAPTURE(c.first);
        CAPTURE(c.heads);
        forVariants([&](Variant variant) {
            VariantCpu cpu(variant);
            const std::vector<float> out = run(cpu, c, 0, c.tokens);
            for (std::size_t t = 0; t < c.tokens; ++t) {
                for (std::size_t h = 0; h < c.heads; ++h) {
                    const std::vector<double> expected = exact(c, t, h);
                    for (std::size_t i = 0; i < c.rank; ++i) {
                        CHECK(std::fabs(out[(t * c.heads + h) * c.rank + i] - expected[i]) < 2e-5);
                    }
                }
            }
        });
    }
}

TEST_CASE("attention does not depend on the batch nor on the threads")
{
    Random random(22);
    const Case c(random, 40, 6, 40, 12, 600);
    forVariants([&](Variant variant) {
        VariantCpu one(variant, 1);
        VariantCpu many(variant, 5);
        const std::vector<float> all = run(one, c, 0, c.tokens);
        CHECK(all == run(many, c, 0, c.tokens));
        const std::size_t size = c.heads * c.rank;
        for (const std::size_t t : {0u, 13u, 39u}) {
            for (Cpu* cpu : {static_cast<Cpu*>(&one), static_cast<Cpu*>(&many)}) {
                const std::vector<float> single = run(*cpu, c, t, 1);
                CHECK(std::memcmp(single.data(), all.data() + t * size, size * sizeof(float)) == 0);
            }
        }
    });
}

TEST_CASE("scores far apart neither overflow nor vanish")
{
    Random random(23);
    Case c(random, 1, 2, 16, 8, 500);
    c.scale = 300.0f;
    forVariants([&](Variant variant) {
        VariantCpu cpu(variant);
        const std::vector<float> out = run(cpu, c, 0, 1);
        for (std::size_t h = 0; h < 2; ++h) {
            const std::vector<double> expected = exact(c, 0, h);
            for (std::size_t i = 0; i < 16; ++i) {
                CHECK(std::fabs(out[h * 16 + i] - expected[i]) < 2e-3);
            }
        }
    });
}
