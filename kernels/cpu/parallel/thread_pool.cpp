#include "kernels/cpu/parallel/thread_pool.h"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include <pthread.h>
#include <sched.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace ponder::kernels {

namespace {

void pauseBriefly()
{
#if defined(__x86_64__)
    _mm_pause();
#endif
}

constexpr int kPausesBetweenClocks = 64;
constexpr int kPausesBeforeYield = 4096;

std::vector<int> usableCoreIds()
{
    std::vector<int> ids;
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        for (int i = 0; i < CPU_SETSIZE; ++i) {
            if (CPU_ISSET(i, &set)) {
                ids.push_back(i);
            }
        }
    }
    return ids;
}

} // namespace

std::size_t usableCores()
{
    const std::size_t allowed = usableCoreIds().size();
    const std::size_t present = std::thread::hardware_concurrency();
    return allowed > 0 ? allowed : (present > 0 ? present : 1);
}

// A loop is open while its caller runs it. A worker goes inside, looks whether a loop is open, takes
// ranges from it and leaves; the caller closes the loop and waits until nobody is inside. A
// worker that wakes late finds the loop closed and costs the caller nothing.
struct ThreadPool::State {
    std::chrono::microseconds spin{};
    std::vector<std::thread> workers;

    alignas(64) std::atomic<std::uint32_t> generation{
        0}; // counts loops; workers wait for it to move
    std::atomic<int> sleepers{0};
    std::atomic<bool> stopping{false};
    alignas(64) std::atomic<bool> open{false};
    std::atomic<int> inside{0};
    alignas(64) std::atomic<std::size_t> next{0}; // the next range, counted in grains

    // The open loop; written only while no loop is open and nobody is inside.
    std::size_t count = 0;
    std::size_t grain = 1;
    RangeFunction function = nullptr;
    void* context = nullptr;

    void takeRanges(std::size_t worker)
    {
        const std::size_t ranges = (count + grain - 1) / grain;
        for (;;) {
            const std::size_t i = next.fetch_add(1, std::memory_order_relaxed);
            if (i >= ranges) {
                return;
            }
            const std::size_t begin = i * grain;
            const std::size_t end = count - begin < grain ? count : begin + grain;
            function(context, begin, end, worker);
        }
    }

    /// Returns when generation has moved on from seen.
    void awaitLoop(std::uint32_t seen)
    {
        const auto start = std::chrono::steady_clock::now();
        do {
            for (int i = 0; i < kPausesBetweenClocks; ++i) {
                if (generation.load() != seen) {
                    return;
                }
                pauseBriefly();
            }
        } while (std::chrono::steady_clock::now() - start < spin);
        sleepers.fetch_add(1);
        while (generation.load() == seen) {
            generation.wait(seen);
        }
        sleepers.fetch_sub(1);
    }

    void work(std::size_t worker)
    {
        std::uint32_t seen = 0;
        for (;;) {
            awaitLoop(seen);
            seen = generation.load();
            if (stopping.load()) {
                return;
            }
            inside.fetch_add(1);
            if (open.load()) {
                takeRanges(worker);
            }
            inside.fetch_sub(1);
        }
    }

    void announce()
    {
        generation.fetch_add(1);
        if (sleepers.load() > 0) {
            generation.notify_all();
        }
    }
};

ThreadPool::ThreadPool()
    : ThreadPool(Options{})
{
}

ThreadPool::ThreadPool(const Options& options)
    : m_state(std::make_unique<State>())
{
    m_state->spin = options.spin;
    const std::size_t threads = options.threads > 0 ? options.threads : usableCores();
    const std::vector<int> cores = options.pin ? usableCoreIds() : std::vector<int>{};
    for (std::size_t i = 1; i < threads; ++i) {
        m_state->workers.emplace_back([state = m_state.get(), i] { state->work(i); });
        if (!cores.empty()) {
            cpu_set_t set;
            CPU_ZERO(&set);
            CPU_SET(cores[i % cores.size()], &set);
            pthread_setaffinity_np(m_state->workers.back().native_handle(), sizeof set, &set);
        }
    }
}

ThreadPool::~ThreadPool()
{
    m_state->stopping.store(true);
    m_state->announce();
    for (std::thread& worker : m_state->workers) {
        worker.join();
    }
}

std::size_t ThreadPool::threads() const
{
    return m_state->workers.size() + 1;
}

void ThreadPool::run(std::size_t count, std::size_t grain, RangeFunction function, void* context)
{
    State& s = *m_state;
    grain = grain > 0 ? grain : 1;
    if (s.workers.empty() || count <= grain) {
        for (std::size_t begin = 0; begin < count; begin += grain) {
            function(context, begin, count - begin < grain ? count : begin + grain, 0);
        }
        return;
    }
    s.count = count;
    s.grain = grain;
    s.function = function;
    s.context = context;
    s.next.store(0, std::memory_order_relaxed);
    s.open.store(true);
    s.announce();
    s.takeRanges(0);
    s.open.store(false);
    for (int pauses = 0; s.inside.load() != 0; ++pauses) {
        if (pauses < kPausesBeforeYield) {
            pauseBriefly();
        } else {
            std::this_thread::yield();
        }
    }
}

} // namespace ponder::kernels
