// What Backend::evaluate() promises, of the CPU's backend.
#include <algorithm>

#include "engine/backend/cpu/cpu_backend.h"
#include "engine/plan/placed_weights.h"
#include "tests/engine/backend/backend_checks.h"
#include "tests/engine/golden.h"

using namespace ponder;
using namespace ponder::test;

namespace {

constexpr std::size_t kContext = 64;
constexpr const char* kNames[] = {"v3_yarn", "v2_groups", "qwen3moe", "gpt_oss", "llama"};

std::unique_ptr<Backend> make(const Golden& golden)
{
    auto backend
        = makeCpuBackend(golden.model->network(), {.contextLength = kContext, .threads = 2});
    REQUIRE(backend);
    return std::move(*backend);
}

std::vector<float> rowsOf(const std::vector<float>& all, TokenRange rows, std::size_t cols)
{
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(rows.first * cols);
    return {first, first + static_cast<std::ptrdiff_t>(rows.count * cols)};
}

} // namespace

TEST_CASE("what is wanted of several tokens of a batch is what they give one by one")
{
    constexpr std::size_t kFirst = 10, kCount = 7;
    for (const char* name : kNames) {
        CAPTURE(name);
        const Golden golden = loadGolden(name);
        const Network& network = golden.model->network();
        const Tokens tokens = Tokens(golden.tokens).subspan(kFirst, kCount);
        const auto single = make(golden);
        (void)logitsOf(*single, Tokens(golden.tokens).first(kFirst), kFirst);
        std::vector<float> logits, hidden;
        std::vector<LayerRouting> routing;
        for (std::size_t t = 0; t < kCount; ++t) {
            const auto one = evaluated(*single,
                {.tokens = tokens.subspan(t, 1),
                    .position = kFirst + t,
                    .logits = {0, 1},
                    .routing = RoutingOf::LastToken,
                    .hidden = {0, 1}});
            logits.insert(logits.end(), one.logits.begin(), one.logits.end());
            hidden.insert(hidden.end(), one.hidden.begin(), one.hidden.end());
            routing.resize(one.routing.size());
            for (std::size_t i = 0; i < routing.size(); ++i) {
                const LayerRouting& layer = one.routing[i];
                routing[i].layer = layer.layer;
                routing[i].experts.insert(
                    routing[i].experts.end(), layer.experts.begin(), layer.experts.end());
                routing[i].weights.insert(
                    routing[i].weights.end(), layer.weights.begin(), layer.weights.end());
            }
        }
        CHECK(routing.empty() == std::ranges::none_of(network.layers, isRouted));

        const auto backend = make(golden);
        const auto prompt = evaluated(*backend, {.tokens = Tokens(golden.tokens).first(kFirst)});
        CHECK(prompt.logits.empty()); // nothing was wanted
        CHECK(prompt.hidden.empty());
        CHECK(prompt.routing.empty());
        CHECK(!prompt.summary);
        CHECK(!prompt.cancelled);
        for (const TokenRange rows : {TokenRange{0, kCount}, TokenRange{2, 4}, TokenRange{6, 1}}) {
            const auto made = evaluated(*backend,
                {.tokens = tokens,
                    .position = kFirst,
                    .logits = rows,
                    .routing = RoutingOf::AllTokens,
                    .hidden = rows});
            CHECK(made.logits == rowsOf(logits, rows, network.vocabularySize));
            CHECK(made.hidden == rowsOf(hidden, rows, network.hiddenSize));
            REQUIRE(made.routing.size() == routing.size());
            for (std::size_t i = 0; i < routing.size(); ++i) {
                CHECK(made.routing[i].layer == routing[i].layer);
                CHECK(made.routing[i].experts == routing[i].experts);
                CHECK(made.routing[i].weights == routing[i].weights);
            }
        }
    }
}

TEST_CASE("a cancelled batch gives nothing and can be evaluated again")
{
    const Golden golden = loadGolden("v3_yarn");
    const auto backend = make(golden);
    const int asked = 2 * static_cast<int>(golden.model->network().layers.size()) + 1;
    checkCancellation(*backend, golden.tokens, 4, asked);
    checkCancellation(*backend, golden.tokens, 1, asked);
}

TEST_CASE("a saved cache gives the same bits where it is loaded")
{
    for (const char* name : kNames) {
        CAPTURE(name);
        const Golden golden = loadGolden(name);
        const auto backend = make(golden);
        const auto fresh = make(golden);
        checkCacheRoundTrip(*backend, *fresh, golden.tokens);
    }
}

TEST_CASE("bytes that are no cache of this model are refused")
{
    const Golden golden = loadGolden("v3_yarn");
    const auto backend = make(golden);
    checkCacheRefusals(*backend, golden.tokens, kContext);
    const Golden other = loadGolden("llama");
    const auto another = make(other);
    (void)logitsOf(*another, Tokens(other.tokens).first(8), 8);
    CHECK(!backend->loadCache({0, 8}, saved(*another, {0, 8})));
}
