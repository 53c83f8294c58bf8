// Which experts come to the GPU and which leave, by numbers alone; and the thread that reads them from the file.
#include <array>
#include <cmath>
#include <map>
#include <numeric>

#include <doctest/doctest.h>

#include "engine/backend/gpu/expert_residency.h"
#include "engine/backend/gpu/staging_worker.h"

using namespace ponder;

namespace {

using Expert = ExpertResidency::Expert;

void use(ExpertResidency& r, std::size_t layer, std::vector<std::int32_t> experts, int times = 1)
{
    for (int i = 0; i < times; ++i)
        r.use(layer, experts);
}

/// Brings everyone who should come.
std::vector<Expert> bringAll(ExpertResidency& r)
{
    std::vector<Expert> came;
    while (const auto move = r.next()) {
        r.leaves(*move);
        r.arrived(*move);
        came.push_back(move->comes);
    }
    return came;
}

} // namespace

TEST_CASE("the most used come first, into free slots, and only who was used")
{
    const std::array<std::size_t, 1> slots = {3};
    ExpertResidency r({{8, 0}, {8, 0}}, slots);
    CHECK(!r.next());
    use(r, 0, {1, 2}, 2);
    use(r, 1, {7, 2, -1, 99}, 3); // what is no expert does not count
    use(r, 1, {2});
    CHECK(bringAll(r) == std::vector<Expert>{{1, 2}, {1, 7}, {0, 1}});
    CHECK(r.residents() == 3);
    CHECK(r.isResident(1, 2));
    CHECK(!r.isResident(0, 2));
    CHECK(!r.isResident(0, 99));
    CHECK(r.slotOf(0, 1) != r.slotOf(1, 2));
}

TEST_CASE("one leaves for another who is clearly used more, not for an equal")
{
    const std::array<std::size_t, 1> slots = {2};
    ExpertResidency r({{4, 0}}, slots);
    use(r, 0, {0}, 10);
    use(r, 0, {1}, 4);
    (void)bringAll(r);
    use(r, 0, {2}, 5);
    CHECK(!r.next()); // five are not enough more than four
    use(r, 0, {2}, 2);
    const auto move = r.next();
    REQUIRE(move);
    CHECK(move->comes == Expert{0, 2});
    CHECK(move->leaves == Expert{0, 1});
    CHECK(move->slot == r.slotOf(0, 1));
    CHECK(r.isResident(0, 1)); // until it leaves
    CHECK(!r.next()); // neither takes part in another move
    r.leaves(*move);
    CHECK(!r.isResident(0, 1));
    CHECK(!r.isResident(0, 2));
    CHECK(r.residents() == 1);
    r.arrived(*move);
    CHECK(r.slotOf(0, 2) == move->slot);
    CHECK(bringAll(r).empty());
}

TEST_CASE("what was used long ago counts less, and at last nothing")
{
    const std::array<std::size_t, 1> slots = {1};
    ExpertResidency r({{4, 0}}, slots);
    use(r, 0, {0}, 40);
    (void)bringAll(r);
    use(r, 0, {1}, 20);
    CHECK(!r.next());
    r.pass(std::size_t(3 * ExpertResidency::kHalfLife)); // an eighth is left of each
    use(r, 0, {1}, 10);
    CHECK(bringAll(r) == std::vector<Expert>{{0, 1}});
    r.pass(10000); // another conversation
    CHECK(r.isResident(0, 1)); // until another is used
    use(r, 0, {3}, 2);
    CHECK(bringAll(r) == std::vector<Expert>{{0, 3}});
    for (int i = 0; i < 2000; ++i) // numbers that only grow would end
        r.pass(4096);
    r.pass(std::size_t{1} << 40U);
    use(r, 0, {2}, 2);
    CHECK(bringAll(r) == std::vector<Expert>{{0, 2}});
}

TEST_CASE("every size of experts has slots of its own, and some layers have none")
{
    const std::array<std::size_t, 2> slots = {1, 2};
    ExpertResidency r({{4, 0}, {4, 1}, {4, ExpertResidency::kNoPool}}, slots);
    use(r, 0, {0, 1, 2}, 5);
    use(r, 1, {3}, 1);
    use(r, 2, {0}, 50);
    CHECK(bringAll(r) == std::vector<Expert>{{0, 0}, {1, 3}});
    CHECK(!r.isResident(2, 0));
}

TEST_CASE("the hit rate of choices that are known")
{
    // Each token uses two of eight: expert 0 always, the others in turn. With two slots 0 stays, and the other slot
    // never pays for a change: between seven equals there is no clear winner.
    const std::array<std::size_t, 1> slots = {2};
    ExpertResidency r({{8, 0}}, slots);
    int hits = 0;
    int moves = 0;
    constexpr int kTokens = 1400;
    for (int t = 0; t < kTokens; ++t) {
        r.pass(1);
        const std::vector<std::int32_t> chosen = {0, 1 + t % 7};
        for (const std::int32_t e : chosen)
            hits += r.isResident(0, std::size_t(e)) ? 1 : 0;
        r.use(0, chosen);
        moves += static_cast<int>(bringAll(r).size());
    }
    const double rate = hits / (2.0 * kTokens);
    CHECK(rate == doctest::Approx((1 + 1 / 7.0) / 2).epsilon(0.01));
    CHECK(moves == 2);

    // Then the conversation turns to 5 and 6: within a few tokens they are there.
    int later = 0;
    for (int t = 0; t < 200; ++t) {
        r.pass(1);
        const std::vector<std::int32_t> chosen = {5, 6};
        for (const std::int32_t e : chosen)
            later += t >= 150 && r.isResident(0, std::size_t(e)) ? 1 : 0;
        r.use(0, chosen);
        (void)bringAll(r);
    }
    CHECK(later >= 50);
}

TEST_CASE("a worker's jobs are done in order, whole, and by several threads too")
{
    std::vector<std::byte> file(std::size_t{5} << 20U);
    for (std::size_t i = 0; i < file.size(); ++i)
        file[i] = static_cast<std::byte>(i * 31 + i / 4096);
    for (const std::size_t threads : {0U, 1U, 3U}) {
        std::vector<std::byte> to(2 * file.size());
        StagingWorker worker(threads);
        const auto first = worker.add({{file.data(), to.data(), file.size()}});
        const auto second = worker.add({{file.data() + 7, to.data() + file.size(), 1000},
            {file.data(), to.data() + file.size() + 1000, 0}});
        worker.wait(second);
        CHECK(worker.isDone(first));
        CHECK(worker.isDone(second));
        CHECK(std::equal(file.begin(), file.end(), to.begin()));
        CHECK(std::equal(file.begin() + 7, file.begin() + 1007, to.begin() + long(file.size())));
        const auto empty = worker.add({});
        worker.wait(empty);
        StagingWorker moved = std::move(worker);
        (void)moved.add({{file.data(), to.data() + file.size(), file.size()}}); // not waited for
    }
}
