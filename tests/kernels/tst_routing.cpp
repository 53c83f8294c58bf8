#include <cmath>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "kernels/cpu/router/router.h"

using namespace ponder::kernels;

namespace {

struct Chosen {
    std::vector<std::int32_t> experts;
    std::vector<float> weights;
};

Chosen choose(const RouterRule& routing, const std::vector<float>& scores,
    const std::vector<float>& bias = {})
{
    Chosen chosen{std::vector<std::int32_t>(routing.used), std::vector<float>(routing.used)};
    std::vector<float> selection(scores.size());
    chooseExperts(routing, scores, bias, selection, chosen.experts, chosen.weights);
    return chosen;
}

RouterRule plain(std::uint32_t experts, std::uint32_t used)
{
    RouterRule r;
    r.experts = experts;
    r.used = used;
    return r;
}

} // namespace

TEST_CASE("the best are chosen, best first, and of equals the first")
{
    const Chosen c = choose(plain(5, 3), {0.1F, 0.4F, 0.2F, 0.4F, 0.3F});
    CHECK(c.experts == std::vector<std::int32_t>{1, 3, 4});
    CHECK(c.weights == std::vector<float>{0.4F, 0.4F, 0.3F});
}

TEST_CASE("weights are normalised and scaled only where asked")
{
    RouterRule r = plain(3, 2);
    r.scale = 2;
    CHECK(choose(r, {0.5F, 0.25F, 0.125F}).weights == std::vector<float>{1.0F, 0.5F});
    r.normalise = true;
    const Chosen c = choose(r, {0.5F, 0.25F, 0.125F});
    CHECK(c.weights[0] == doctest::Approx(4.0 / 3));
    CHECK(c.weights[0] + c.weights[1] == doctest::Approx(2));
}

TEST_CASE("a softmax of the chosen is that of all, normalised, without its small numbers")
{
    RouterRule r = plain(4, 2);
    r.score = RouterRule::Score::SoftmaxOfChosen;
    const Chosen c = choose(r, {1.0F, -3.0F, 2.0F, 0.5F});
    CHECK(c.experts == std::vector<std::int32_t>{2, 0});
    CHECK(c.weights[0] == doctest::Approx(1 / (1 + std::exp(-1.0))));
    CHECK(c.weights[0] + c.weights[1] == doctest::Approx(1));
    // Logits this far apart are all 0 or 1 after a softmax of all.
    const Chosen far = choose(r, {-300.0F, -200.0F, 0.0F, -250.0F});
    CHECK(far.experts == std::vector<std::int32_t>{2, 1});
    CHECK(far.weights[0] == 1.0F);
}

TEST_CASE("the bias moves the choice and never the weights")
{
    const Chosen c = choose(plain(3, 1), {0.5F, 0.4F, 0.1F}, {0.0F, 0.2F, 0.0F});
    CHECK(c.experts == std::vector<std::int32_t>{1});
    CHECK(c.weights == std::vector<float>{0.4F});
}

TEST_CASE("groups are ranked by their best or by their two best")
{
    RouterRule r = plain(6, 2);
    r.groups = 3;
    r.groupsUsed = 1;
    const std::vector<float> scores{0.9F, 0.0F, 0.6F, 0.5F, 0.1F, 0.7F};
    CHECK(choose(r, scores).experts == std::vector<std::int32_t>{0, 1});
    r.groupScore = RouterRule::GroupScore::TwoBest;
    CHECK(choose(r, scores).experts == std::vector<std::int32_t>{2, 3});
    r.groupsUsed = 2;
    CHECK(choose(r, scores).experts == std::vector<std::int32_t>{0, 2});
    // With the bias.
    CHECK(choose(r, scores, {0, 0, 0, 0, 0.4F, 0}).experts == std::vector<std::int32_t>{5, 2});
}

TEST_CASE("scores that are no numbers still give valid experts, each once")
{
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float inf = std::numeric_limits<float>::infinity();
    RouterRule r = plain(4, 4);
    for (const std::vector<float>& scores :
        {std::vector<float>{nan, nan, nan, nan}, {-inf, -inf, 1, nan}, {inf, inf, 0, 0}}) {
        std::vector<bool> seen(4);
        for (const std::int32_t e : choose(r, scores).experts) {
            REQUIRE(e >= 0);
            REQUIRE(e < 4);
            CHECK_FALSE(seen[static_cast<std::size_t>(e)]);
            seen[static_cast<std::size_t>(e)] = true;
        }
    }
    r.used = 2;
    r.groups = 2;
    r.groupsUsed = 1;
    r.groupScore = RouterRule::GroupScore::TwoBest;
    const Chosen c = choose(r, {nan, nan, nan, nan});
    CHECK(c.experts == std::vector<std::int32_t>{0, 1});
}
