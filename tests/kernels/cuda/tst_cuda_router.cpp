#include "kernels/cuda/router/router.h"

#include <cmath>
#include <limits>

#include "kernels/cpu/elementwise/elementwise.h"
#include "kernels/cpu/router/router.h"
#include "kernels/selfcheck/random.h"
#include "tests/kernels/cuda/emulated.h"
#include "tests/kernels/variants.h"

namespace cuda = ponder::kernels::cuda;
using namespace ponder;
using kernels::FloatRows;
using kernels::Random;
using kernels::RouterRule;

namespace {

struct Case {
    RouterRule routing;
    std::vector<float> logits; // [tokens, experts]
    std::vector<float> logitBias, selectionBias; // [experts] or empty

    [[nodiscard]] std::size_t tokens() const { return logits.size() / routing.experts; }
};

struct Chosen {
    std::vector<std::int32_t> experts;
    std::vector<float> weights;
};

Chosen onProcessor(const Case& c)
{
    const RouterRule& r = c.routing;
    kernels::VariantCpu cpu(kernels::Variant::Reference);
    std::vector<float> scores = c.logits;
    const FloatRows rows(scores.data(), c.tokens(), r.experts);
    if (!c.logitBias.empty())
        kernels::addToRows(cpu, c.logitBias, rows);
    if (r.score == RouterRule::Score::Softmax)
        kernels::softmax(cpu, rows);
    else if (r.score == RouterRule::Score::Sigmoid)
        kernels::sigmoid(cpu, rows);
    Chosen chosen{
        std::vector<std::int32_t>(c.tokens() * r.used), std::vector<float>(c.tokens() * r.used)};
    std::vector<float> selection(r.experts);
    for (std::size_t t = 0; t < c.tokens(); ++t)
        kernels::chooseExperts(r, {rows.row(t), r.experts}, c.selectionBias, selection,
            std::span(chosen.experts).subspan(t * r.used, r.used),
            std::span(chosen.weights).subspan(t * r.used, r.used));
    return chosen;
}

Chosen onGpu(const Case& c)
{
    const RouterRule& r = c.routing;
    cuda::EmulatedGpu gpu;
    const cuda::OnDevice<float> logits(c.logits), logitBias(c.logitBias),
        selectionBias(c.selectionBias), weights(c.tokens() * r.used);
    const cuda::OnDevice<std::int32_t> experts(c.tokens() * r.used);
    cuda::RouterStep step;
    step.rule = r;
    step.logits = {logits.data(), c.tokens(), r.experts};
    step.logitBias = c.logitBias.empty() ? nullptr : logitBias.data();
    step.selectionBias = c.selectionBias.empty() ? nullptr : selectionBias.data();
    step.experts = experts.data();
    step.weights = weights.data();
    REQUIRE(cuda::route(step, nullptr).ok());
    return {experts.values(), weights.values()};
}

void compare(const Case& c)
{
    const Chosen want = onProcessor(c);
    const Chosen got = onGpu(c);
    CHECK(got.experts == want.experts);
    for (std::size_t i = 0; i < want.weights.size(); ++i) {
        if (std::isnan(want.weights[i]))
            CHECK(std::isnan(got.weights[i]));
        else
            CHECK(
                std::fabs(got.weights[i] - want.weights[i]) <= 2e-6f * std::fabs(want.weights[i]));
    }
}

RouterRule routing(RouterRule::Score score, std::uint32_t experts, std::uint32_t used,
    std::uint32_t groups = 1, std::uint32_t groupsUsed = 1)
{
    RouterRule r;
    r.score = score;
    r.experts = experts;
    r.used = used;
    r.groups = groups;
    r.groupsUsed = groupsUsed;
    return r;
}

} // namespace

TEST_CASE("experts are chosen as on the processor, by every rule")
{
    Random random(11);
    for (const auto score : {RouterRule::Score::Softmax, RouterRule::Score::Sigmoid,
             RouterRule::Score::SoftmaxOfChosen}) {
        for (const RouterRule& base : {routing(score, 64, 6), routing(score, 5, 2),
                 routing(score, 1, 1), routing(score, 60, 4, 6, 2), routing(score, 128, 8),
                 routing(score, 160, 6, 8, 3), routing(score, 256, 8, 8, 4),
                 routing(score, 1024, 32, 32, 5), routing(score, 33, 32)}) {
            for (const bool more : {false, true}) {
                Case c;
                c.routing = base;
                c.routing.normalise = more;
                c.routing.scale = more ? 2.5f : 1.0f;
                c.routing.groupScore
                    = more ? RouterRule::GroupScore::TwoBest : RouterRule::GroupScore::Best;
                c.logits = random.floats(3 * base.experts, -4.0f, 4.0f);
                if (more) {
                    c.logitBias = random.floats(base.experts);
                    c.selectionBias = random.floats(base.experts, -0.3f, 0.3f);
                }
                CAPTURE(base.experts);
                CAPTURE(base.groups);
                CAPTURE(static_cast<int>(score));
                compare(c);
            }
        }
    }
}

TEST_CASE("of equals the lower expert and the lower group win")
{
    for (const auto score : {RouterRule::Score::Softmax, RouterRule::Score::Sigmoid,
             RouterRule::Score::SoftmaxOfChosen}) {
        Case c;
        c.routing = routing(score, 64, 6, 8, 3);
        c.logits.assign(2 * 64, 0.0f);
        for (std::size_t i = 0; i < 64; ++i)
            c.logits[64 + i] = i % 7 == 0 ? 1.0f : i % 5 == 0 ? -0.0f : 0.0f;
        cuda::forOrders([&] { compare(c); });
        c.routing.groupScore = RouterRule::GroupScore::TwoBest;
        cuda::forOrders([&] { compare(c); });
    }
}

TEST_CASE("logits that are no numbers still choose valid experts, each once")
{
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    constexpr float kInf = std::numeric_limits<float>::infinity();
    Random random(12);
    for (const auto score : {RouterRule::Score::Softmax, RouterRule::Score::Sigmoid,
             RouterRule::Score::SoftmaxOfChosen}) {
        Case c;
        c.routing = routing(score, 70, 5);
        c.logits = random.floats(4 * 70);
        c.logits[3] = kNan;
        for (std::size_t i = 70; i < 140; ++i)
            c.logits[i] = kNan;
        c.logits[150] = kInf;
        c.logits[160] = -kInf;
        for (std::size_t i = 210; i < 280; ++i)
            c.logits[i] = -kInf;
        const Chosen want = onProcessor(c);
        const Chosen got = onGpu(c);
        CHECK(got.experts == want.experts);
    }
}

TEST_CASE("a rule that does not fit is refused")
{
    cuda::EmulatedGpu gpu;
    cuda::RouterStep step;
    step.rule = {.experts = 1025, .used = 1};
    step.logits = {nullptr, 1, 1025};
    CHECK(cuda::route(step, nullptr).code == cudaErrorInvalidValue);
    step.rule = {.experts = 64, .used = 33};
    step.logits = {nullptr, 1, 64};
    CHECK(!cuda::route(step, nullptr).ok());
    step.rule = {.experts = 64, .used = 4, .groups = 7, .groupsUsed = 1};
    CHECK(!cuda::route(step, nullptr).ok());
}
