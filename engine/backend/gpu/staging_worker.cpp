#include "engine/backend/gpu/staging_worker.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

#include "kernels/cpu/parallel/thread_pool.h"

namespace ponder {
namespace {

constexpr std::size_t kPart = std::size_t{1} << 20U; // bytes that a thread copies at a time

} // namespace

struct StagingWorker::State {
    explicit State(std::size_t threads)
        : pool({.threads = threads})
        , thread([this] { run(); })
    {
    }
    ~State()
    {
        {
            const std::lock_guard lock(mutex);
            isEnding = true;
        }
        changed.notify_all();
        thread.join();
    }

    void run();
    void copy(const std::vector<StagedPiece>& parts)
    {
        pool.parallelFor(parts.size(), 1, [&](std::size_t begin, std::size_t end, std::size_t) {
            for (std::size_t i = begin; i < end; ++i)
                std::memcpy(parts[i].to, parts[i].from, parts[i].bytes);
        });
    }

    mutable std::mutex mutex; // holds what follows, up to the pool
    mutable std::condition_variable changed;
    std::deque<std::vector<StagedPiece>> jobs;
    Job added = 0, done = 0; // jobs in all
    bool isEnding = false;

    kernels::ThreadPool pool; // the thread's alone
    std::thread thread; // last: it uses all of the above
};

void StagingWorker::State::run()
{
    std::unique_lock lock(mutex);
    for (;;) {
        changed.wait(lock, [this] { return isEnding || !jobs.empty(); });
        if (isEnding)
            return;
        const std::vector<StagedPiece> parts = std::move(jobs.front());
        jobs.pop_front();
        lock.unlock();
        copy(parts);
        lock.lock();
        ++done;
        changed.notify_all();
    }
}

StagingWorker::StagingWorker(std::size_t threads)
    : m_state(std::make_unique<State>(std::max<std::size_t>(threads, 1)))
{
}
StagingWorker::~StagingWorker() = default;
StagingWorker::StagingWorker(StagingWorker&&) noexcept = default;
StagingWorker& StagingWorker::operator=(StagingWorker&&) noexcept = default;

StagingWorker::Job StagingWorker::add(const std::vector<StagedPiece>& pieces)
{
    std::vector<StagedPiece> parts;
    for (const StagedPiece& piece : pieces)
        for (std::size_t at = 0; at < piece.bytes; at += kPart)
            parts.push_back({piece.from + at, piece.to + at, std::min(kPart, piece.bytes - at)});
    Job job = 0;
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->jobs.push_back(std::move(parts));
        job = ++m_state->added;
    }
    m_state->changed.notify_all();
    return job;
}

bool StagingWorker::isDone(Job job) const
{
    const std::lock_guard lock(m_state->mutex);
    return m_state->done >= job;
}

void StagingWorker::wait(Job job) const
{
    std::unique_lock lock(m_state->mutex);
    m_state->changed.wait(lock, [&] { return m_state->done >= job; });
}

} // namespace ponder
