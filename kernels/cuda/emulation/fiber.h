#pragma once

#include <cstddef>
#include <vector>

namespace ponder::emulation {

/// A place where a thread of control stopped, and its stack.
struct Fiber {
    void* context = nullptr; ///< what switchFiber saved
    void* stack = nullptr; ///< lowest address, after a page that must not be touched
    std::size_t size = 0; ///< bytes of stack
    void* shadow = nullptr; ///< AddressSanitizer's
};

/// Stops `from` here and goes on where `to` stopped. Some ten nanoseconds.
void switchFiber(Fiber& from, Fiber& to);

/// Tells the sanitizer that a fiber runs for the first time; first thing in entry.
void arriveInFiber();

/// Stacks that were made once and are used again; for one thread.
class FiberStacks {
public:
    FiberStacks() = default;
    FiberStacks(const FiberStacks&) = delete;
    FiberStacks& operator=(const FiberStacks&) = delete;
    ~FiberStacks();

    /// A fiber that will start in entry, which must never return. Null stack: no memory.
    [[nodiscard]] Fiber take(void (*entry)());
    void giveBack(const Fiber& fiber) { m_free.push_back(fiber); }

private:
    std::vector<Fiber> m_free;
};

} // namespace ponder::emulation
