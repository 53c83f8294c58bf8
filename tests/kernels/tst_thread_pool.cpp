#include <atomic>
#include <ctime>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "kernels/cpu/parallel/thread_pool.h"

using namespace ponder::kernels;

TEST_CASE("a loop covers every number once, in ranges no longer than asked for")
{
    for (const std::size_t threads : {1u, 2u, 7u}) {
        ThreadPool pool({.threads = threads});
        CHECK(pool.threads() == threads);
        for (const std::size_t count : {0u, 1u, 5u, 64u, 1000u}) {
            for (const std::size_t grain : {0u, 1u, 3u, 64u, 5000u}) {
                std::vector<std::atomic<int>> seen(count);
                std::atomic<bool> ranges = true;
                pool.parallelFor(
                    count, grain, [&](std::size_t begin, std::size_t end, std::size_t worker) {
                        const std::size_t most = grain == 0 ? 1 : grain;
                        if (end - begin > most || begin % most != 0 || worker >= threads) {
                            ranges = false;
                        }
                        for (std::size_t i = begin; i < end; ++i) {
                            ++seen[i];
                        }
                    });
                CHECK(ranges);
                for (const std::atomic<int>& times : seen) {
                    CHECK(times == 1);
                }
            }
        }
    }
}

TEST_CASE("no two calls with one worker's number run at the same time")
{
    ThreadPool pool({.threads = 4});
    std::vector<std::atomic<int>> inside(4);
    std::atomic<bool> alone = true;
    pool.parallelFor(2000, 1, [&](std::size_t, std::size_t, std::size_t worker) {
        if (++inside[worker] != 1) {
            alone = false;
        }
        --inside[worker];
    });
    CHECK(alone);
}

TEST_CASE("many short loops after one another, with and without spinning")
{
    for (const int spin : {0, 50}) {
        ThreadPool pool({.threads = 3, .spin = std::chrono::microseconds(spin)});
        std::atomic<std::size_t> sum = 0;
        std::size_t expected = 0;
        for (std::size_t round = 0; round < 3000; ++round) {
            const std::size_t count = round % 9;
            pool.parallelFor(
                count, 1, [&](std::size_t begin, std::size_t, std::size_t) { sum += begin + 1; });
            expected += count * (count + 1) / 2;
            REQUIRE(sum == expected);
        }
    }
}

TEST_CASE("what the loop wrote can be read after it, and what was written before it inside")
{
    ThreadPool pool({.threads = 3});
    std::vector<int> values(100);
    for (int round = 1; round <= 200; ++round) {
        pool.parallelFor(values.size(), 7, [&](std::size_t begin, std::size_t end, std::size_t) {
            for (std::size_t i = begin; i < end; ++i) {
                values[i] += round;
            }
        });
    }
    for (const int value : values) {
        CHECK(value == 200 * 201 / 2);
    }
}

TEST_CASE("an idle pool sleeps")
{
    ThreadPool pool({.threads = 4});
    std::atomic<int> done = 0;
    pool.parallelFor(8, 1, [&](std::size_t, std::size_t, std::size_t) { ++done; });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const std::clock_t before = std::clock(); // of all threads
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    const double used = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
    CHECK(done == 8);
    CHECK(used < 0.05);
}

TEST_CASE("a pool takes the cores that this process may use")
{
    CHECK(usableCores() >= 1);
    CHECK(ThreadPool().threads() == usableCores());
    ThreadPool pinned({.threads = 2, .pin = true});
    std::atomic<int> done = 0;
    pinned.parallelFor(4, 1, [&](std::size_t, std::size_t, std::size_t) { ++done; });
    CHECK(done == 4);
}
