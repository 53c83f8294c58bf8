#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <type_traits>

namespace ponder::kernels {

/// Workers for short parallel loops. The calling thread takes part, so a pool of one starts no
/// thread at all. Between loops workers spin for a moment (the next loop of a forward pass is
/// microseconds away) and then sleep until they are needed.
/// One thread calls at a time, and never from inside a loop.
class ThreadPool {
public:
    struct Options {
        std::size_t threads = 0; ///< with the caller; 0: as many as this process may use
        std::chrono::microseconds spin{100}; ///< how long a worker waits awake for the next loop
        bool pin = false; ///< keep each worker on a core of its own
    };

    ThreadPool();
    explicit ThreadPool(const Options& options);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    [[nodiscard]] std::size_t threads() const;

    /// Calls body(begin, end, worker) until the ranges cover [0, count), each at most grain long
    /// and starting at a multiple of grain; worker is below threads() and no two calls that run
    /// at the same time have the same. Returns when all are done. body must not throw.
    template <typename Body> void parallelFor(std::size_t count, std::size_t grain, Body&& body)
    {
        using Callable = std::remove_reference_t<Body>;
        run(
            count, grain,
            [](void* context, std::size_t begin, std::size_t end, std::size_t worker) {
                (*static_cast<Callable*>(context))(begin, end, worker);
            },
            const_cast<void*>(static_cast<const void*>(&body)));
    }

private:
    using RangeFunction
        = void (*)(void* context, std::size_t begin, std::size_t end, std::size_t worker);
    void run(std::size_t count, std::size_t grain, RangeFunction function, void* context);

    struct State;
    std::unique_ptr<State> m_state;
};

/// How many threads this process may keep busy (its affinity mask), at least 1.
[[nodiscard]] std::size_t usableCores();

} // namespace ponder::kernels
