#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace ponder {

/// A piece of the model file on its way into pinned memory.
struct StagedPiece {
    const std::byte* from = nullptr;
    std::byte* to = nullptr;
    std::size_t bytes = 0;
};

/// A thread that copies pieces of the model file, so that pages which are not there yet make nobody else wait. It
/// does its jobs one after the other and calls nothing of CUDA.
///
/// The memory that a job writes belongs to the worker from add() on until isDone() or wait() has said that it is
/// done; then to the caller, who sees all that was written. One thread calls. The end waits for the job that
/// is being done and drops those after it, so the memory must outlive the worker.
class StagingWorker {
public:
    /// threads: that copy a job together, at least 1. Throws std::system_error where there are no threads to
    /// be had.
    explicit StagingWorker(std::size_t threads);
    ~StagingWorker();
    StagingWorker(StagingWorker&&) noexcept;
    StagingWorker& operator=(StagingWorker&&) noexcept;

    using Job = std::uint64_t;
    [[nodiscard]] Job add(const std::vector<StagedPiece>& pieces);
    [[nodiscard]] bool isDone(Job job) const;
    void wait(Job job) const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace ponder
