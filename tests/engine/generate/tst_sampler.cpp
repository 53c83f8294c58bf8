#include "engine/generate/sampler.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "engine/generate/logit_statistics.h"
#include "tests/engine/gguf_bytes.h"

using namespace ponder;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

SamplingOptions plain(float temperature, std::uint64_t seed = 1)
{
    SamplingOptions options;
    options.temperature = temperature;
    options.topP = 1;
    options.seed = seed;
    return options;
}

/// How often each token was drawn, of `count` draws.
std::map<std::int32_t, int> drawn(const SamplingOptions& options, const std::vector<float>& logits,
    int count, const std::vector<std::int32_t>& recent = {})
{
    Sampler sampler(options);
    std::map<std::int32_t, int> counts;
    for (int i = 0; i < count; ++i) {
        const auto token = sampler.sample(logits, recent);
        REQUIRE(token);
        ++counts[token->id];
    }
    return counts;
}

std::vector<float> randomLogits(std::size_t count, float spread, std::uint32_t seed)
{
    std::vector<float> logits(count);
    for (float& logit : logits) {
        seed = seed * 1664525u + 1013904223u;
        logit = spread * (static_cast<float>(seed >> 8) / static_cast<float>(1 << 24) - 0.5f);
    }
    return logits;
}

/// ids by descending logit, equals by id, and their probabilities, in double.
struct Exact {
    std::vector<std::int32_t> order;
    std::vector<double> probability;
    double entropy = 0;
};

Exact exactOf(const std::vector<float>& logits, double temperature = 1)
{
    Exact exact;
    const double max = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const float logit : logits)
        sum += exact.probability.emplace_back(
            std::exp((static_cast<double>(logit) - max) / temperature));
    for (double& p : exact.probability) {
        p /= sum;
        exact.entropy -= p > 0 ? p * std::log(p) : 0;
    }
    exact.order.resize(logits.size());
    std::iota(exact.order.begin(), exact.order.end(), 0);
    std::stable_sort(exact.order.begin(), exact.order.end(), [&](auto a, auto b) {
        return logits[static_cast<std::size_t>(a)] > logits[static_cast<std::size_t>(b)];
    });
    return exact;
}

/// As a GPU makes it.
kernels::LogitSummary summaryOf(
    const std::vector<float>& logits, std::size_t count, const kernels::Draw& draw)
{
    const Exact exact = exactOf(logits);
    kernels::LogitSummary summary = measureLogits(logits);
    summary.count = static_cast<std::int32_t>(std::min(count, logits.size()));
    summary.draw = draw;
    std::vector<float> weights = logits;
    summary.scaledSum
        = static_cast<float>(exponentiate(weights, summary.max, draw.inverseTemperature));
    if (draw.unit >= 0) {
        summary.drawn = findMass(weights, std::numeric_limits<float>::min(),
            draw.unit * massAtLeast(weights, std::numeric_limits<float>::min()));
        summary.drawnLogit = logits[static_cast<std::size_t>(summary.drawn)];
    }
    for (std::int32_t i = 0; i < summary.count; ++i) {
        summary.ids[i] = exact.order[static_cast<std::size_t>(i)];
        summary.logits[i] = logits[static_cast<std::size_t>(summary.ids[i])];
    }
    return summary;
}

} // namespace

TEST_CASE("a summary draws what the logits draw")
{
    struct Row {
        float temperature, topP;
        int topK;
        float minP;
    };
    const Row rows[] = {{0, 1, 0, 0}, {1, 1, 0, 0}, {0.6f, 1, 0, 0}, {0.6f, 0.95f, 0, 0},
        {1, 0.5f, 0, 0}, {0.8f, 1, 40, 0}, {0.8f, 0.9f, 40, 0.05f}, {1.5f, 1, 1, 0},
        {1, 1, 0, 0.02f}, {0.6f, 0.9f, 0, 0.1f}, {0.0001f, 0.95f, 0, 0}, {2, 0, 0, 0}};
    for (const std::size_t vocabulary : {1u, 5u, 63u, 64u, 65u, 3000u}) {
        auto logits = randomLogits(vocabulary, 60, static_cast<std::uint32_t>(vocabulary));
        for (std::size_t i = 10; i < logits.size(); i += 9)
            logits[i] = logits[i % 2]; // ties
        if (vocabulary > 20)
            logits[3] = -kInfinity;
        for (const Row& row : rows) {
            SamplingOptions options = plain(row.temperature, 5);
            options.topP = row.topP;
            options.topK = row.topK;
            options.minP = row.minP;
            CAPTURE(vocabulary);
            CAPTURE(row.temperature);
            CAPTURE(row.topP);
            CAPTURE(row.topK);
            CAPTURE(row.minP);
            Sampler whole(options);
            Sampler summarised(options);
            int answered = 0;
            for (int i = 0; i < 50; ++i) {
                const auto summary
                    = summaryOf(logits, kernels::kMaxCandidates, summarised.nextDraw());
                const auto wanted = whole.sample(logits);
                const auto got = summarised.sample(summary);
                REQUIRE(wanted);
                REQUIRE(got);
                if (!*got) { // nothing was drawn, so the logits' token is the same
                    REQUIRE(summarised.sample(logits)->id == wanted->id);
                    continue;
                }
                ++answered;
                CHECK((*got)->id == wanted->id);
                CHECK((*got)->logprob == doctest::Approx(wanted->logprob).epsilon(1e-5));
                CHECK((*got)->entropy == wanted->entropy);
                REQUIRE((*got)->bestCount == wanted->bestCount);
                for (int b = 0; b < wanted->bestCount; ++b)
                    CHECK((*got)->best[static_cast<std::size_t>(b)].id
                        == wanted->best[static_cast<std::size_t>(b)].id);
            }
            if (vocabulary <= kernels::kMaxCandidates || row.topK > 0 || row.topP <= 0.5f
                || (row.topP >= 1 && row.minP == 0))
                CHECK(answered == 50);
        }
    }
}

TEST_CASE("a summary that does not hold enough draws nothing")
{
    const auto logits = randomLogits(5000, 1, 3); // nearly flat
    const auto asks = [&](const SamplingOptions& options, std::size_t count = 64) {
        Sampler sampler(options);
        const auto drawn
            = sampler.sample(summaryOf(logits, count, {sampler.nextDraw().inverseTemperature}));
        REQUIRE(drawn);
        return !drawn->has_value();
    };
    SamplingOptions options = plain(1);
    CHECK(asks(options)); // all tokens
    options.topP = 0.9f;
    CHECK(asks(options));
    options.topK = 65;
    CHECK(asks(options));
    options.topK = 64;
    CHECK_FALSE(asks(options));
    CHECK(asks(options, 63));
    options.repetitionPenalty = 1.1f;
    CHECK(asks(options));
    options.temperature = 0;
    CHECK(asks(options));
    options.repetitionPenalty = 1;
    CHECK_FALSE(asks(options));

    Sampler warm(plain(0.7f));
    CHECK_FALSE(warm.sample(summaryOf(std::vector<float>{1, 2}, 64, {}))->has_value());
    Sampler free(plain(1, 8)); // drawn with another number than comes next
    CHECK_FALSE(free.sample(summaryOf(logits, 64, {1, 0.5}))->has_value());
    kernels::LogitSummary broken = summaryOf(logits, 64, {});
    broken.valid = 0;
    const auto refused = warm.sample(broken);
    REQUIRE(!refused);
    CHECK(refused.error().code == ErrorCode::Internal);
}

TEST_CASE("greedy takes the likeliest, of equals the first")
{
    Sampler sampler(plain(0));
    CHECK(sampler.sample(std::vector<float>{1, 3, 2, 3})->id == 1);
    CHECK(sampler.sample(std::vector<float>{-kInfinity, -5, -kInfinity})->id == 1);
    CHECK(sampler.sample(std::vector<float>{7})->id == 0);
}

TEST_CASE("statistics are of the model's own distribution")
{
    for (const std::size_t size :
        {1u, 2u, 4u, 5u, 15u, 16u, 17u, 63u, 64u, 65u, 1000u, 1025u, 5000u}) {
        CAPTURE(size);
        std::vector<float> logits = randomLogits(size, 20, static_cast<std::uint32_t>(size));
        if (size > 20)
            logits[3] = -kInfinity;
        const Exact exact = exactOf(logits);
        for (const float temperature : {0.0f, 0.6f, 2.0f}) {
            SamplingOptions options = plain(temperature, size);
            options.topK = 3;
            options.repetitionPenalty = 1.5f;
            Sampler sampler(options);
            const auto token = sampler.sample(logits, std::vector<std::int32_t>{0, 1, -7, 999999});
            REQUIRE(token);
            const auto logprobOf = [&](std::int32_t id) {
                return std::log(exact.probability[static_cast<std::size_t>(id)]);
            };
            CHECK(token->logprob == doctest::Approx(logprobOf(token->id)).epsilon(1e-4));
            CHECK(token->entropy == doctest::Approx(exact.entropy).epsilon(1e-4));
            REQUIRE(token->bestCount == static_cast<int>(std::min<std::size_t>(size, 5)));
            for (int i = 0; i < token->bestCount; ++i) {
                CHECK(token->best[static_cast<std::size_t>(i)].id
                    == exact.order[static_cast<std::size_t>(i)]);
                CHECK(token->best[static_cast<std::size_t>(i)].logprob
                    == doctest::Approx(logprobOf(exact.order[static_cast<std::size_t>(i)]))
                        .epsilon(1e-4));
            }
        }
    }
    const auto certain = Sampler(plain(0)).sample(std::vector<float>{0, 1000, 0});
    CHECK(certain->logprob == 0);
    CHECK(certain->entropy == 0);
    const auto flat = Sampler(plain(0)).sample(std::vector<float>(256, -3.0f));
    CHECK(flat->entropy == doctest::Approx(std::log(256)));
    CHECK(flat->best[4].id == 4);
}

TEST_CASE("draws follow the tempered distribution")
{
    const std::vector<float> logits{1, 0, 2, -1, -kInfinity, 0.5f};
    for (const float temperature : {0.5f, 1.0f, 3.0f}) {
        const Exact exact = exactOf(logits, static_cast<double>(temperature));
        const auto counts = drawn(plain(temperature), logits, 20000);
        CHECK_FALSE(counts.contains(4));
        for (std::size_t id = 0; id < logits.size(); ++id) {
            const double p = exact.probability[id];
            const double seen = counts.contains(static_cast<int>(id))
                ? counts.at(static_cast<int>(id)) / 20000.0
                : 0;
            CHECK(std::abs(seen - p) < 4 * std::sqrt(p * (1 - p) / 20000) + 1e-9);
        }
    }
}

TEST_CASE("top-k keeps exactly k, the lower id where they are equal")
{
    SamplingOptions options = plain(5);
    options.topK = 3;
    const auto counts = drawn(options, {1, 2, 1, 0, 1, -3}, 3000);
    CHECK(counts.size() == 3);
    CHECK((counts.contains(1) && counts.contains(0) && counts.contains(2)));
    options.topK = 1;
    CHECK(drawn(options, {1, 2, 1}, 50).size() == 1);
    options.topK = 100;
    CHECK(drawn(options, {1, 1, 1}, 300).size() == 3);
}

TEST_CASE("top-p keeps the smallest set that reaches it")
{
    const std::vector<float> logits{
        std::log(0.5f), std::log(0.25f), std::log(0.15f), std::log(0.1f)};
    SamplingOptions options = plain(1);
    const auto kept = [&](float topP) {
        options.topP = topP;
        return drawn(options, logits, 3000).size();
    };
    CHECK(kept(0) == 1);
    CHECK(kept(0.49f) == 1);
    CHECK(kept(0.51f) == 2);
    CHECK(kept(0.74f) == 2);
    CHECK(kept(0.76f) == 3);
    CHECK(kept(0.95f) == 4);
    // of what top-k left: 0.5 and 0.25 are 2/3 and 1/3
    options.topK = 2;
    CHECK(kept(0.6f) == 1);
    CHECK(kept(0.7f) == 2);
}

TEST_CASE("min-p drops what is far less likely than the likeliest")
{
    SamplingOptions options = plain(1);
    options.minP = 0.3f;
    CHECK(drawn(options, {0, std::log(0.4f), std::log(0.2f)}, 2000).size() == 2);
    options.minP = 1;
    CHECK(drawn(options, {0, std::log(0.9f)}, 200).size() == 1);
}

TEST_CASE("filters agree with sorting, over random logits")
{
    for (std::uint32_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        const std::vector<float> logits
            = randomLogits(37 + seed * 11, seed % 3 == 0 ? 0.01f : 12.0f, seed);
        SamplingOptions options = plain(0.5f + 0.05f * static_cast<float>(seed % 10), seed);
        options.topK = static_cast<int>(seed % 4) * 9;
        options.topP = seed % 5 == 0 ? 1.0f : 0.3f + 0.01f * static_cast<float>(seed);
        const Exact exact = exactOf(logits, static_cast<double>(options.temperature));
        std::vector<std::int32_t> allowed = exact.order;
        if (options.topK > 0)
            allowed.resize(static_cast<std::size_t>(options.topK));
        double mass = 0;
        for (const auto id : allowed)
            mass += exact.probability[static_cast<std::size_t>(id)];
        double reached = 0;
        std::size_t kept = 0;
        while (kept < allowed.size()
            && (reached < mass * static_cast<double>(options.topP) * (1 - 1e-6)))
            reached += exact.probability[static_cast<std::size_t>(allowed[kept++])];
        allowed.resize(std::min(allowed.size(), kept + 1)); // one more, for rounding at the fence
        for (const auto& [id, count] : drawn(options, logits, 400))
            CHECK(std::find(allowed.begin(), allowed.end(), id) != allowed.end());
    }
}

TEST_CASE("the repetition penalty looks at its window, and at each token once")
{
    SamplingOptions options = plain(0);
    options.repetitionPenalty = 2;
    options.repetitionWindow = 2;
    const std::vector<float> logits{3, 2, -1};
    CHECK(Sampler(options).sample(logits, std::vector<std::int32_t>{0, 0})->id == 1);
    CHECK(Sampler(options).sample(logits, std::vector<std::int32_t>{0, 2, 2})->id
        == 0); // out of the window
    const std::vector<float> close{3, 1.4f, -1};
    CHECK(
        Sampler(options).sample(close, std::vector<std::int32_t>{0, 0})->id == 0); // 1.5, not 0.75
    CHECK(Sampler(options).sample(std::vector<float>{-1, -1.5f}, std::vector<std::int32_t>{0})->id
        == 1);
}

TEST_CASE("the same seed draws the same, on every machine")
{
    const std::vector<float> logits = randomLogits(1000, 8, 5);
    SamplingOptions options; // R1's: 0.6 and 0.95
    const auto series = [&](std::uint64_t seed) {
        options.seed = seed;
        Sampler sampler(options);
        std::vector<std::int32_t> ids;
        for (int i = 0; i < 8; ++i)
            ids.push_back(sampler.sample(logits)->id);
        return ids;
    };
    CHECK(series(42) == series(42));
    CHECK(series(42) != series(43));
    CHECK(series(42) == std::vector<std::int32_t>{86, 404, 721, 947, 997, 818, 764, 867});
}

TEST_CASE("broken logits are an error, not a token")
{
    for (const float wrong : {std::numeric_limits<float>::quiet_NaN(), kInfinity}) {
        for (const std::size_t size : {3u, 200u}) {
            for (const std::size_t at : {std::size_t{0}, size / 2, size - 1}) {
                std::vector<float> logits(size, 1.0f);
                logits[at] = wrong;
                const auto token = Sampler(plain(0.6f)).sample(logits);
                REQUIRE_FALSE(token);
                CHECK(token.error().code == ErrorCode::Internal);
                CHECK(token.error().message.find("not a number") != std::string::npos);
            }
        }
    }
    CHECK_FALSE(Sampler(plain(1)).sample(std::vector<float>(70, -kInfinity)));
    CHECK(Sampler(plain(1)).sample(std::span<const float>{}).error().code
        == ErrorCode::InvalidArgument);
}

TEST_CASE("options out of range are clamped")
{
    SamplingOptions options;
    options.temperature = -1;
    options.topP = 7;
    options.topK = -3;
    options.minP = std::numeric_limits<float>::quiet_NaN();
    options.repetitionPenalty = 0;
    const Sampler sampler(options);
    CHECK(sampler.options().temperature == 0);
    CHECK(sampler.options().topP == 1);
    CHECK(sampler.options().topK == 0);
    CHECK(sampler.options().minP == 0);
    CHECK(sampler.options().repetitionPenalty > 0);
}

TEST_CASE("top-p keeps the very tokens that sorting keeps, among ties and in any shape")
{
    std::vector<std::vector<float>> shapes{randomLogits(7000, 3, 5), randomLogits(7000, 0.01f, 6),
        randomLogits(3, 1, 7), std::vector<float>(5000, 1.5f)};
    for (const float grain : {1.0f, 0.25f}) { // many equals
        shapes.push_back(randomLogits(6000, 2, 8));
        for (float& logit : shapes.back())
            logit = std::round(logit / grain) * grain;
    }
    shapes.push_back(randomLogits(4000, 1, 9));
    for (std::size_t i = 0; i < 3990; ++i)
        shapes.back()[i] = -std::numeric_limits<float>::infinity();
    for (const std::vector<float>& logits : shapes) {
        std::vector<std::size_t> order(logits.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return logits[a] > logits[b]; });
        const double max = static_cast<double>(logits[order.front()]);
        double total = 0;
        for (const float logit : logits)
            total += std::exp(static_cast<double>(logit) - max);
        for (const float topP : {0.0f, 0.03f, 0.5f, 0.95f, 0.9999f}) {
            std::vector<int> place(logits.size()); // in the order of keeping
            std::size_t kept = 0;
            for (double mass = 0;
                kept < order.size() && (kept == 0 || mass < static_cast<double>(topP) * total);
                ++kept)
                mass += std::exp(static_cast<double>(logits[order[kept]]) - max);
            for (std::size_t i = 0; i < order.size(); ++i)
                place[order[i]] = static_cast<int>(i);
            SamplingOptions options;
            options.temperature = 1;
            options.topP = topP;
            Sampler sampler(options);
            int last = 0;
            for (int i = 0; i < 300; ++i) {
                const auto token = sampler.sample(logits);
                REQUIRE(token);
                last = std::max(last, place[static_cast<std::size_t>(token->id)]);
            }
            CAPTURE(topP);
            CAPTURE(logits.size());
            CAPTURE(kept);
            CHECK(last <= static_cast<int>(kept)); // one for rounding at the fence
            if (kept < 20)
                CHECK(last >= static_cast<int>(kept) / 3);
        }
    }
}

TEST_CASE("a vocabulary of 130 000 takes about a millisecond")
{
    const std::vector<float> peaked = [] {
        std::vector<float> logits = randomLogits(129280, 20, 3);
        logits[777] = 15;
        return logits;
    }();
    const std::vector<float> flat = randomLogits(129280, 0.5f, 4);
    SamplingOptions options;
    options.topK = 40;
    for (const auto* logits : {&peaked, &flat}) {
        for (const int topK : {0, 40}) {
            options.topK = topK;
            Sampler sampler(options);
            double fastest = 1e9; // of 40: other programs may be at work
            for (int i = 0; i < 40; ++i) {
                const std::clock_t start = std::clock();
                REQUIRE(sampler.sample(*logits));
                fastest
                    = std::min(fastest, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
            }
            const std::string title = std::string(logits == &flat ? "flat" : "peaked") + ", top-k "
                + std::to_string(topK);
            MESSAGE(title << ": " << fastest * 1e6 << " us of processor time");
#ifdef NDEBUG
            CHECK(fastest < 2e-3); // about twice what was seen on a machine under full load
#endif
        }
    }
}

TEST_CASE("what the file does not recommend comes from its family's makers")
{
    struct Row {
        const char* architecture;
        const char* name;
        float temperature;
        float topP;
        int topK;
    };
    const Row rows[] = {
        {"gpt-oss", "gpt-oss-20b", 1.0f, 1.0f, 0},
        {"deepseek2", "DeepSeek-R1-0528", 0.6f, 0.95f, 0},
        {"deepseek2", "DeepSeek V3.1", 0.6f, 0.95f, 0},
        {"deepseek2", "Kimi K2 Thinking", 1.0f, 1.0f, 0},
        {"deepseek2", "Moonshot Kimi-K2-Instruct", 0.6f, 0.95f, 0},
        {"deepseek2", "GLM-4.7-Flash", 1.0f, 0.95f, 0},
        {"qwen2", "DeepSeek R1 Distill Qwen 7B", 0.6f, 0.95f, 0},
        {"llama", "DeepSeek-R1-Distill-Llama-8B", 0.6f, 0.95f, 0},
        {"qwen2", "QwQ-32B", 0.6f, 0.95f, 40},
        {"qwen2", "Qwen2.5-7B-Instruct", 0.7f, 0.8f, 20},
        {"qwen3", "Qwen3-8B", 0.6f, 0.95f, 20},
        {"qwen3moe", "Qwen3-30B-A3B-Thinking-2507", 0.6f, 0.95f, 20},
        {"qwen3moe", "Qwen3-30B-A3B-Instruct-2507", 0.7f, 0.8f, 20},
        {"llama", "Meta-Llama-3.1-8B-Instruct", 0.6f, 0.9f, 0},
        {"gemma3", "Gemma 3 4B", 1.0f, 0.95f, 64},
        {"llama", "Nobody's model", 0.6f, 0.95f, 0},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        ponder::test::GgufBytes built;
        built.putText("general.architecture", row.architecture);
        built.putText("general.name", row.name);
        std::string bytes = built.build();
        auto file = ModelFile::fromBytes(ponder::test::bytesOf(bytes));
        REQUIRE(file);
        SamplingOptions options = recommendedSampling(*file);
        CHECK(options.temperature == row.temperature);
        CHECK(options.topP == row.topP);
        CHECK(options.topK == row.topK);
        CHECK(samplingFamily(*file).empty() == (std::string_view(row.name) == "Nobody's model"));

        // The file's own word goes before everybody's.
        built.putFloat("general.sampling.temp", 0.25f);
        built.putFloat("general.sampling.top_p", 0.5f);
        bytes = built.build();
        file = ModelFile::fromBytes(ponder::test::bytesOf(bytes));
        REQUIRE(file);
        options = recommendedSampling(*file);
        CHECK(options.temperature == 0.25f);
        CHECK(options.topP == 0.5f);
        CHECK(options.topK == row.topK);
    }
}
