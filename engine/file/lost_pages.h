#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace ponder {

/// A mapped range whose pages may be lost while it is read: its file became shorter, or its disk
/// failed. The kernel then ends the process with SIGBUS, unless that signal is handled.
///
/// Written once by watchPages() and never freed, so that the handler may read it at any moment on
/// any thread.
struct WatchedPages {
    std::uintptr_t start = 0, end = 0; ///< whole pages
    int descriptor = -1; ///< of the file; valid while it is watched
    std::atomic<bool> isWatched{false};
    std::atomic<bool> isLost{false}; ///< some page was replaced by zeros
    std::atomic<std::int64_t> modified{0}; ///< the file's time of change; not read by the handler
    std::atomic<bool> wasWritten{false}; ///< that time changed once; not read by the handler
    WatchedPages* next = nullptr;
};

/// Handles SIGBUS for this process: where a page of a watched range cannot be read, zeros replace
/// it, the range is marked as lost, and the thread goes on. What it computes from then on is
/// wrong, so code that reads a range checks afterwards whether it was lost. Every other SIGBUS goes
/// to the handler that was there before, or ends the process as it would have. Programs call it first
/// in main; later calls do nothing. This is the only global state of the engine, since a signal
/// handler has no other way to find anything.
void surviveLostPages();

/// Begins to watch a range of a file's map. Never null. Thread safe.
[[nodiscard]] WatchedPages* watchPages(const void* start, std::size_t bytes, int descriptor);

/// Ends it; to be called before the range is unmapped. Thread safe.
void unwatchPages(WatchedPages& pages);

} // namespace ponder
