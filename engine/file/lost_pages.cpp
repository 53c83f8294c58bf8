#include "engine/file/lost_pages.h"

#include <cerrno>
#include <csignal>
#include <mutex>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ponder {
namespace {

// Every range that was ever watched, newest first. Nodes are never taken out and never used again,
// so the handler needs no lock, and no node changes its meaning under its eyes.
std::atomic<WatchedPages*> watched{nullptr};
std::uintptr_t pageBytes = 4096;
struct sigaction before{};

static_assert(std::atomic<WatchedPages*>::is_always_lock_free);
static_assert(std::atomic<bool>::is_always_lock_free);

WatchedPages* watchedAt(std::uintptr_t address)
{
    for (WatchedPages* w = watched.load(std::memory_order_acquire); w != nullptr; w = w->next) {
        if (w->isWatched.load(std::memory_order_acquire) && address >= w->start && address < w->end)
            return w;
    }
    return nullptr;
}

bool putZeros(std::uintptr_t start, std::uintptr_t end)
{
    // Memory that is only read takes nothing: all of its pages are the kernel's one page of zeros.
    return ::mmap(reinterpret_cast<void*>(start), end - start, PROT_READ,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0)
        != MAP_FAILED;
}

/// Replaces everything after the file's end at once, so that reading all missing pages faults once and
/// not for every page; else only the one page that the disk did not give.
bool replaceLost(const WatchedPages& pages, std::uintptr_t address)
{
    const std::uintptr_t page = address / pageBytes * pageBytes;
    struct stat status{};
    if (::fstat(pages.descriptor, &status) == 0) {
        const auto size = static_cast<std::uintptr_t>(status.st_size);
        const std::uintptr_t kept = pages.start + (size + pageBytes - 1) / pageBytes * pageBytes;
        if (kept <= page)
            return putZeros(kept, pages.end);
    }
    // Single pages can use up the maps that a process may have; then all of the range goes.
    return putZeros(page, page + pageBytes) || putZeros(pages.start, pages.end);
}

/// What would have happened without this handler.
void passOn(int signal, siginfo_t* info, void* context)
{
    if ((before.sa_flags & SA_SIGINFO) != 0 && before.sa_sigaction != nullptr) {
        before.sa_sigaction(signal, info, context);
        return;
    }
    if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
        before.sa_handler(signal);
        return;
    }
    const bool isSent = info->si_code <= 0; // by kill(), which nothing repeats
    if (isSent && before.sa_handler == SIG_IGN)
        return;
    struct sigaction usual{};
    usual.sa_handler = SIG_DFL;
    ::sigaction(signal, &usual, nullptr);
    if (isSent)
        ::raise(signal); // comes once this handler has returned
    // A fault comes again by itself, when the instruction is tried again.
}

void onBusError(int signal, siginfo_t* info, void* context)
{
    const int error = errno;
    const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    WatchedPages* pages
        = info->si_code > 0 && info->si_code != BUS_ADRALN ? watchedAt(address) : nullptr;
    if (pages != nullptr && replaceLost(*pages, address))
        pages->isLost.store(true, std::memory_order_release);
    else
        passOn(signal, info, context);
    errno = error;
}

} // namespace

void surviveLostPages()
{
    static std::once_flag once;
    std::call_once(once, [] {
        pageBytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
        struct sigaction action{};
        action.sa_sigaction = onBusError;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
        ::sigemptyset(&action.sa_mask);
        ::sigaction(SIGBUS, &action, &before);
    });
}

WatchedPages* watchPages(const void* start, std::size_t bytes, int descriptor)
{
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    auto* pages = new WatchedPages;
    pages->start = reinterpret_cast<std::uintptr_t>(start);
    pages->end = (pages->start + bytes + page - 1) / page * page;
    pages->descriptor = descriptor;
    pages->isWatched.store(true, std::memory_order_relaxed);
    pages->next = watched.load(std::memory_order_relaxed);
    while (!watched.compare_exchange_weak(
        pages->next, pages, std::memory_order_release, std::memory_order_relaxed)) { }
    return pages;
}

void unwatchPages(WatchedPages& pages)
{
    pages.isWatched.store(false, std::memory_order_release);
}

} // namespace ponder
