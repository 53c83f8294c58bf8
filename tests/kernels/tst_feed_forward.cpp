#include <cmath>
#include <cstring>
#include <vector>

#include <doctest/doctest.h>

#include "kernels/cpu/elementwise/elementwise.h"
#include "kernels/cpu/matmul/matmul.h"
#include "kernels/cpu/moe/feed_forward.h"
#include "kernels/selfcheck/random.h"
#include "tests/kernels/variants.h"

using namespace ponder::kernels;

namespace {

struct Layer {
    std::size_t experts, d, ff;
    RandomWeights gate, up, down;
    std::vector<float> gateBias, upBias, downBias; // empty: none
    Activation activation;

    Layer(Random& random, TensorType in, TensorType out, std::size_t e, std::size_t dim,
        std::size_t f)
        : Layer(random, in, in, out, e, dim, f)
    {
    }
    Layer(Random& random, TensorType in, TensorType beside, TensorType out, std::size_t e,
        std::size_t dim, std::size_t f)
        : experts(e)
        , d(dim)
        , ff(f)
        , gate(random, in, e, f, dim, 0.3f, 1)
        , up(random, beside, e, f, dim, 0.3f, 1)
        , down(random, out, e, dim, f, 0.3f, 1)
    {
    }

    /// As in gpt-oss.
    void addBiases(Random& random)
    {
        gateBias = random.floats(experts * ff);
        upBias = random.floats(experts * ff);
        downBias = random.floats(experts * d);
        activation = {Activation::Kind::ClampedSwiGlu, 1.702f, 0.6f};
    }
    [[nodiscard]] ExpertWeights weights() const
    {
        return {gate.stack(), up.stack(), down.stack(), gateBias, upBias, downBias, activation};
    }
};

struct Routing {
    std::vector<std::int32_t> ids;
    std::vector<float> weights;
    std::size_t used;

    Routing(Random& random, std::size_t tokens, std::size_t experts, std::size_t k)
        : used(k)
    {
        for (std::size_t t = 0; t < tokens; ++t) {
            const auto start = static_cast<std::int32_t>(random.bits() % experts);
            for (std::size_t i = 0; i < k; ++i) { // k different experts
                ids.push_back((start + static_cast<std::int32_t>(3 * i))
                    % static_cast<std::int32_t>(experts));
            }
        }
        weights = random.floats(ids.size(), 0.1f, 1.0f);
    }
};

std::vector<float> run(Cpu& cpu, const Layer& layer, const std::vector<float>& x,
    std::size_t tokens, const Routing& routing, std::size_t first = 0, bool accumulate = false)
{
    Activations activations;
    activations.pack(cpu, {x.data() + first * layer.d, tokens, layer.d});
    std::vector<float> out(tokens * layer.d, accumulate ? 1.0f : 99.0f);
    FeedForward network;
    network.experts(cpu, layer.weights(), activations,
        std::span(routing.ids).subspan(first * routing.used, tokens * routing.used),
        std::span(routing.weights).subspan(first * routing.used, tokens * routing.used),
        routing.used, {out.data(), tokens, layer.d}, accumulate);
    return out;
}

// One token and one expert by the plain operations.
std::vector<float> expertByParts(Cpu& cpu, const Layer& layer, std::size_t e, const float* x)
{
    Activations activations;
    activations.pack(cpu, {x, 1, layer.d});
    std::vector<float> gate(layer.ff), up(layer.ff), out(layer.d);
    matmul(cpu, layer.gate.stack().matrix(e), activations, {gate.data(), 1, layer.ff});
    matmul(cpu, layer.up.stack().matrix(e), activations, {up.data(), 1, layer.ff});
    const FloatRows gateRow(gate.data(), 1, layer.ff);
    const FloatRows upRow(up.data(), 1, layer.ff);
    if (layer.gateBias.empty()) {
        siluMul(cpu, gateRow, upRow, gateRow);
    } else {
        addToRows(cpu, std::span(layer.gateBias).subspan(e * layer.ff, layer.ff), gateRow);
        addToRows(cpu, std::span(layer.upBias).subspan(e * layer.ff, layer.ff), upRow);
        clampedSwiGlu(cpu, gateRow, upRow, layer.activation.alpha, layer.activation.limit, gateRow);
    }
    activations.pack(cpu, {gate.data(), 1, layer.ff});
    matmul(cpu, layer.down.stack().matrix(e), activations, {out.data(), 1, layer.d});
    return out;
}

} // namespace

TEST_CASE("routed experts equal the sum of their parts, in any batch")
{
    Random random(11);
    const struct {
        TensorType gate, up, down;
        std::size_t d, ff;
        bool biases = false;
    } cases[] = {
        {TensorType::F32, TensorType::F32, TensorType::F32, 24, 20},
        {TensorType::F16, TensorType::F16, TensorType::BF16, 32, 36},
        {TensorType::F8_E4M3, TensorType::F8_E4M3, TensorType::F8_E4M3, 300, 140},
        {TensorType::Q8_0, TensorType::Q8_0, TensorType::Q8_0, 64, 96},
        {TensorType::Q4_K, TensorType::Q4_K, TensorType::Q5_0, 256, 160},
        {TensorType::Q4_K, TensorType::Q4_K, TensorType::Q6_K, 256, 256},
        {TensorType::F32, TensorType::F32, TensorType::Q8_0, 40, 64},
        {TensorType::Q8_0, TensorType::Q8_0, TensorType::F32, 64, 44},
        {TensorType::Q8_0, TensorType::F16, TensorType::Q8_0, 96, 32},
        {TensorType::F32, TensorType::Q8_0, TensorType::F32, 96, 33},
        {TensorType::F32, TensorType::F32, TensorType::F32, 45, 37, true},
        {TensorType::Q8_0, TensorType::Q8_0, TensorType::Q8_0, 96, 160, true},
    };
    constexpr std::size_t kTokens = 41;
    for (const auto& c : cases) {
        Layer layer(random, c.gate, c.up, c.down, 7, c.d, c.ff);
        if (c.biases) {
            layer.addBiases(random);
        }
        const Routing routing(random, kTokens, 7, 3);
        const std::vector<float> x = random.floats(kTokens * c.d);
        forVariants([&](Variant variant) {
            VariantCpu cpu(variant, 3);
            const std::vector<float> all = run(cpu, layer, x, kTokens, routing);
            for (const std::size_t t : {0u, 17u, 40u}) {
                const std::vector<float> single = run(cpu, layer, x, 1, routing, t);
                CHECK(std::memcmp(single.data(), all.data() + t * c.d, c.d * sizeof(float)) == 0);

                std::vector<float> expected(c.d);
                for (std::size_t k = 0; k < 3; ++k) {
                    const auto e = static_cast<std::size_t>(routing.ids[t * 3 + k]);
                    const std::vector<float> part
                        = expertByParts(cpu, layer, e, x.data() + t * c.d);
                    for (std::size_t i = 0; i < c.d; ++i) {
                        const float weight = routing.weights[t * 3 + k];
                        expected[i] = std::fma(weight, part[i], expected[i]);
                        if (c.biases) {
                            expected[i]
                                = std::fma(weight, layer.downBias[e * c.d + i], expected[i]);
                        }
                    }
                }
                CHECK(std::memcmp(single.data(), expected.data(), c.d * sizeof(float)) == 0);
            }
        });
    }
}

TEST_CASE("gate and up may be one floats and one quantised")
{
    Random random(15);
    Layer layer(random, TensorType::Q8_0, TensorType::Q8_0, 3, 64, 96);
    const Routing routing(random, 5, 3, 2);
    const std::vector<float> x = random.floats(5 * 64);
    for (const bool first : {true, false}) {
        RandomWeights& other = first ? layer.gate : layer.up;
        other = RandomWeights(random, TensorType::BF16, 3, 96, 64, 0.3f);
        forVariants([&](Variant variant) {
            VariantCpu cpu(variant);
            const std::vector<float> out = run(cpu, layer, x, 5, routing);
            std::vector<float> expected(64);
            for (std::size_t k = 0; k < 2; ++k) {
                const auto e = static_cast<std::size_t>(routing.ids[k]);
                const std::vector<float> part = expertByParts(cpu, layer, e, x.data());
                for (std::size_t i = 0; i < 64; ++i) {
                    expected[i] = std::fma(routing.weights[k], part[i], expected[i]);
                }
            }
            CHECK(std::memcmp(out.data(), expected.data(), 64 * sizeof(float)) == 0);
        });
        other = RandomWeights(random, TensorType::Q8_0, 3, 96, 64, 0.3f);
    }
}

TEST_CASE("accumulating starts from what is there")
{
    Random random(12);
    const Layer layer(random, TensorType::F32, TensorType::F32, 4, 16, 12);
    const Routing routing(random, 2, 4, 2);
    const std::vector<float> x = random.floats(2 * 16);
    forVariants([&](Variant variant) {
        VariantCpu cpu(variant);
        const std::vector<float> plain = run(cpu, layer, x, 2, routing);
        const std::vector<float> added = run(cpu, layer, x, 2, routing, 0, true);
        for (std::size_t i = 0; i < plain.size(); ++i) {
            CHECK(added[i] == doctest::Approx(plain[i] + 1.0f).epsilon(1e-5));
        }
    });
}

TEST_CASE("a dense layer is one expert for everybody")
{
    Random random(13);
    const Layer layer(random, TensorType::Q4_K, TensorType::Q8_0, 1, 256, 352);
    const std::vector<float> x = random.floats(5 * 256);
    forVariants([&](Variant variant) {
        VariantCpu cpu(variant);
        Activations activations;
        activations.pack(cpu, {x.data(), 5, 256});
        std::vector<float> out(5 * 256);
        FeedForward network;
        network.dense(cpu, layer.weights(), activations, {out.data(), 5, 256}, false);
        for (std::size_t t = 0; t < 5; ++t) {
            const std::vector<float> expected = expertByParts(cpu, layer, 0, x.data() + t * 256);
            CHECK(std::memcmp(expected.data(), out.data() + t * 256, 256 * sizeof(float)) == 0);
        }
    });
}

TEST_CASE("many tokens with few experts are cut into pieces of the output")
{
    Random random(14);
    constexpr std::size_t kTokens = 3000;
    const Layer layer(random, TensorType::F32, TensorType::F32, 2, 1600, 4);
    const Routing routing(random, kTokens, 2, 1);
    const std::vector<float> x = random.floats(kTokens * 1600);
    VariantCpu cpu(supportedVariants().back());
    const std::vector<float> all = run(cpu, layer, x, kTokens, routing);
    for (const std::size_t t : {0u, 1234u, 2999u}) {
        const std::vector<float> single = run(cpu, layer, x, 1, routing, t);
        CHECK(std::memcmp(single.data(), all.data() + t * 1600, 1600 * sizeof(float)) == 0);
    }
}

TEST_CASE("an expert below zero adds nothing, in any company")
{
    Random random(17);
    const Layer layer = [&random] {
        Layer l(random, TensorType::Q4_K, TensorType::Q8_0, 6, 256, 64);
        l.addBiases(random);
        return l;
    }();
    const std::size_t tokens = 7;
    const std::vector<float> x = random.floats(tokens * layer.d);
    Routing routing(random, tokens, layer.experts, 3);
    for (std::size_t i = 0; i < 3; ++i)
        routing.ids[6 + i] = -1; // a token with none
    routing.ids[1] = routing.ids[9] = routing.ids[20] = -1;
    Routing weightless = routing; // the same with weights of nothing
    for (std::size_t i = 0; i < routing.ids.size(); ++i) {
        if (routing.ids[i] < 0) {
            weightless.ids[i] = 0;
            weightless.weights[i] = 0;
        }
    }
    Routing none = routing;
    none.ids.assign(none.ids.size(), -1);
    forVariants([&](Variant variant) {
        VariantCpu cpu(variant);
        for (const bool accumulate : {false, true}) {
            CHECK(run(cpu, layer, x, tokens, routing, 0, accumulate)
                == run(cpu, layer, x, tokens, weightless, 0, accumulate));
            CHECK(run(cpu, layer, x, tokens, none, 0, accumulate)
                == std::vector<float>(tokens * layer.d, accumulate ? 1.0f : 0.0f));
        }
    });
}
