#include "kernels/cuda/emulation/fiber.h"

#include <sys/mman.h>

#ifdef __SANITIZE_ADDRESS__
#define PONDER_ASAN_FIBERS
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PONDER_ASAN_FIBERS
#endif
#endif
#ifdef PONDER_ASAN_FIBERS
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifndef __x86_64__
#include <ucontext.h>
#endif

namespace ponder::emulation {

namespace {

#ifdef PONDER_ASAN_FIBERS
constexpr std::size_t kStackBytes = 1 << 20;
#else
constexpr std::size_t kStackBytes = 256 * 1024;
#endif
constexpr std::size_t kGuardBytes = 4096;

} // namespace

#ifdef __x86_64__

// What a function must find unchanged when a call returns: six registers and the stack pointer.
extern "C" void ponderSwitchStacks(void** save, void* load);
__asm__(R"(
    .text
    .p2align 4
    .type ponderSwitchStacks, @function
ponderSwitchStacks:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .size ponderSwitchStacks, . - ponderSwitchStacks
)");

namespace {

void prepare(Fiber& fiber, void (*entry)())
{
    auto** top = reinterpret_cast<void**>(static_cast<std::byte*>(fiber.stack) + fiber.size);
    *--top = nullptr; // entry finds the stack as after a call
    *--top = reinterpret_cast<void*>(entry);
    for (int i = 0; i < 6; ++i)
        *--top = nullptr;
    fiber.context = top;
}

void exchange(Fiber& from, Fiber& to)
{
    ponderSwitchStacks(&from.context, to.context);
}

} // namespace

#else

namespace {

void prepare(Fiber& fiber, void (*entry)())
{
    auto* context = static_cast<ucontext_t*>(fiber.context);
    if (context == nullptr)
        fiber.context = context = new ucontext_t;
    getcontext(context);
    context->uc_stack = {};
    context->uc_stack.ss_sp = fiber.stack;
    context->uc_stack.ss_size = fiber.size;
    makecontext(context, entry, 0);
}

void exchange(Fiber& from, Fiber& to)
{
    if (from.context == nullptr)
        from.context = new ucontext_t;
    swapcontext(static_cast<ucontext_t*>(from.context), static_cast<ucontext_t*>(to.context));
}

} // namespace

#endif

void switchFiber(Fiber& from, Fiber& to)
{
#ifdef PONDER_ASAN_FIBERS
    __sanitizer_start_switch_fiber(&from.shadow, to.stack, to.size);
    exchange(from, to);
    __sanitizer_finish_switch_fiber(from.shadow, nullptr, nullptr);
#else
    exchange(from, to);
#endif
}

void arriveInFiber()
{
#ifdef PONDER_ASAN_FIBERS
    __sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr);
#endif
}

FiberStacks::~FiberStacks()
{
    for (const Fiber& fiber : m_free) {
        ::munmap(static_cast<std::byte*>(fiber.stack) - kGuardBytes, kStackBytes + kGuardBytes);
#ifndef __x86_64__
        delete static_cast<ucontext_t*>(fiber.context);
#endif
    }
}

Fiber FiberStacks::take(void (*entry)())
{
    Fiber fiber;
    if (!m_free.empty()) {
        fiber = m_free.back();
        m_free.pop_back();
    } else {
        void* memory = ::mmap(nullptr, kStackBytes + kGuardBytes, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED)
            return fiber;
        ::mprotect(memory, kGuardBytes, PROT_NONE);
        fiber.stack = static_cast<std::byte*>(memory) + kGuardBytes;
        fiber.size = kStackBytes;
    }
#ifdef PONDER_ASAN_FIBERS
    __asan_unpoison_memory_region(fiber.stack, fiber.size); // of a kernel that was given up
#endif
    prepare(fiber, entry);
    fiber.shadow = nullptr;
    return fiber;
}

} // namespace ponder::emulation
