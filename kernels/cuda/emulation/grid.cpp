#include "kernels/cuda/emulation/grid_run.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include <pthread.h>

// The life of a launch: its blocks and threads, and whose turn it is.

namespace ponder::emulation {

thread_local Thread* currentThread = nullptr;
thread_local const Launch* currentLaunch = nullptr;
thread_local Grid* Grid::s_running = nullptr;

namespace {

constexpr std::size_t kBlocksAhead = 2; // that run before the kernel in front

int nthOf(std::uint32_t set, std::size_t n)
{
    for (; n > 0; --n)
        set &= set - 1;
    return std::countr_zero(set);
}

} // namespace

Grid::Grid(std::shared_ptr<const Launch> launch, const Rules& rules, FiberStacks& stacks)
    : m_launch(std::move(launch))
    , m_rules(rules)
    , m_backward(rules.order == Order::Backward)
    , m_random(rules.order == Order::Random)
    , m_dice(rules.seed)
    , m_stacks(stacks)
{
}

/// Stacks of threads that are given up are left as they are: nothing on them may own memory.
Grid::~Grid()
{
    for (const auto& block : m_blocks) {
        for (const Thread& t : block->threads) {
            if (t.fiber.stack != nullptr)
                m_stacks.giveBack(t.fiber);
        }
    }
}

bool Grid::canStart()
{
    const dim3 g = m_launch->grid;
    const dim3 b = m_launch->block;
    const std::size_t threads = std::size_t{b.x} * b.y * b.z;
    if (threads == 0 || threads > 1024 || b.z > 64 || g.x == 0 || g.y == 0 || g.z == 0
        || g.y > 65535 || g.z > 65535 || g.x > 0x7FFFFFFF)
        note(nullptr, "a grid or block of this size cannot be launched");
    return m_wrong.empty();
}

void Grid::runAhead()
{
    if (m_launch->cooperative || !canStart())
        return;
    const dim3 g = m_launch->grid;
    m_isAhead = m_holds = true;
    start(std::min(kBlocksAhead, std::size_t{g.x} * g.y * g.z));
    schedule();
    m_holds = false;
}

std::string Grid::run()
{
    if (!canStart())
        return m_wrong;
    const dim3 g = m_launch->grid;
    const std::size_t blocks = std::size_t{g.x} * g.y * g.z;
    if (m_isAhead) {
        release();
        schedule();
        finish();
    }
    while (m_turn < blocks && m_wrong.empty()) {
        start(m_launch->cooperative ? blocks : 1);
        schedule();
        finish();
    }
    return m_wrong;
}

uint3 Grid::blockAt(std::size_t turn)
{
    const dim3 g = m_launch->grid;
    const std::size_t blocks = std::size_t{g.x} * g.y * g.z;
    if (m_random && m_shuffled.empty()) {
        m_shuffled.resize(blocks);
        std::iota(m_shuffled.begin(), m_shuffled.end(), std::size_t{0});
        for (std::size_t i = blocks - 1; i > 0; --i)
            std::swap(m_shuffled[i], m_shuffled[m_dice.below(i + 1)]);
    }
    const std::size_t n = m_random ? m_shuffled[turn] : m_backward ? blocks - 1 - turn : turn;
    return {static_cast<unsigned>(n % g.x), static_cast<unsigned>(n / g.x % g.y),
        static_cast<unsigned>(n / g.x / g.y)};
}

/// Makes the threads of the next blocks, none of them started.
void Grid::start(std::size_t count)
{
    const dim3 b = m_launch->block;
    const unsigned threads = b.x * b.y * b.z;
    const unsigned warps = (threads + kWarp - 1) / kWarp;
    m_blocks.resize(count);
    m_warps.assign(count * warps, {});
    m_alive = static_cast<unsigned>(count) * threads;
    m_atGrid = 0;
    m_warp = m_backward ? m_warps.size() - 1 : 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (m_blocks[i] == nullptr)
            m_blocks[i] = std::make_unique<Block>();
        Block& block = *m_blocks[i];
        block.index = blockAt(m_turn++);
        block.threads.assign(threads, {});
        block.warps.resize(warps);
        block.atBarrier = block.ended = block.barrierCount = 0;
        block.shared.clear();
        for (unsigned t = 0; t < threads; ++t) {
            block.threads[t].index = {t % b.x, t / b.x % b.y, t / b.x / b.y};
            block.threads[t].linear = t;
            block.threads[t].block = &block;
        }
        for (unsigned w = 0; w < warps; ++w) {
            Warp& warp = m_warps[i * warps + w];
            const unsigned lanes = std::min(kWarp, threads - w * kWarp);
            warp.block = &block;
            warp.first = w * kWarp;
            warp.ready = warp.unstarted = lanes == kWarp ? ~0U : (1U << lanes) - 1;
            block.warps[w] = &warp;
        }
    }
}

/// Lets threads run until none can go on.
void Grid::schedule()
{
#ifdef __linux__
    pthread_attr_t attributes;
    if (m_main.stack == nullptr && ::pthread_getattr_np(::pthread_self(), &attributes) == 0) {
        ::pthread_attr_getstack(&attributes, &m_main.stack, &m_main.size);
        ::pthread_attr_destroy(&attributes);
    }
#endif
    Grid* const before = std::exchange(s_running, this);
    currentLaunch = m_launch.get();
    m_idle = 0;
    goOn(false);
    currentThread = nullptr;
    currentLaunch = nullptr;
    s_running = before;
}

/// Checks what blocks left.
void Grid::finish()
{
    for (const auto& block : m_blocks) {
        for (Thread& t : block->threads) {
            if (t.fiber.stack != nullptr)
                m_stacks.giveBack(std::exchange(t.fiber, {})); // of a kernel that was given up
            if (m_wrong.empty() && m_launch->overlap && !t.waited)
                note(&t, " was launched beside the kernel before and did not wait for it");
        }
        m_staticShared = std::max(m_staticShared, block->shared.bytes());
        if (const std::string what = block->shared.check(); !what.empty())
            note(nullptr, what);
    }
}

/// The kernel before has run.
void Grid::release()
{
    for (const auto& block : m_blocks) {
        for (Thread& t : block->threads) {
            if (t.state == Thread::State::AtPrevious) {
                t.state = Thread::State::Runs;
                warpOf(t).ready |= 1U << (t.linear % kWarp);
            }
        }
    }
}

/// The next thread that can go on: one of this warp while there is one, or, away from here, the
/// next after the running one, so that everybody has a turn.
Thread* Grid::pick(bool awayFromHere)
{
    if (m_random)
        return pickAtRandom(awayFromHere);
    const std::size_t count = m_warps.size();
    if (awayFromHere) {
        const Warp& warp = warpOf(*currentThread);
        const std::uint32_t bit = 1U << (currentThread->linear % kWarp);
        const std::uint32_t rest = warp.ready & (m_backward ? bit - 1 : ~(bit | (bit - 1)));
        if (rest != 0) {
            const int lane = m_backward ? 31 - std::countl_zero(rest) : std::countr_zero(rest);
            return &warp.block->threads[warp.first + static_cast<unsigned>(lane)];
        }
    }
    for (std::size_t i = awayFromHere ? 1 : 0; i <= count; ++i) {
        const std::size_t at = m_backward ? (m_warp + 2 * count - i) % count : (m_warp + i) % count;
        const Warp& warp = m_warps[at];
        if (warp.ready == 0)
            continue;
        m_warp = at;
        const int lane
            = m_backward ? 31 - std::countl_zero(warp.ready) : std::countr_zero(warp.ready);
        return &warp.block->threads[warp.first + static_cast<unsigned>(lane)];
    }
    return nullptr;
}

/// Any that can go on; away from here, this one only where it is alone.
Thread* Grid::pickAtRandom(bool awayFromHere)
{
    const std::size_t count = m_warps.size();
    const std::size_t first = m_dice.below(count);
    for (std::size_t i = 0; i < count; ++i) {
        const Warp& warp = m_warps[(first + i) % count];
        std::uint32_t ready = warp.ready;
        if (awayFromHere && &warp == &warpOf(*currentThread))
            ready &= ~(1U << (currentThread->linear % kWarp));
        if (ready == 0)
            continue;
        const auto lanes = static_cast<std::size_t>(std::popcount(ready));
        const int lane = nthOf(ready, m_dice.below(lanes));
        return &warp.block->threads[warp.first + static_cast<unsigned>(lane)];
    }
    return awayFromHere ? currentThread : nullptr;
}

/// Lets another thread run; returns when it is this one's turn again.
void Grid::goOn(bool awayFromHere)
{
    Thread* const from = currentThread;
    Thread* const to = m_wrong.empty() ? pick(awayFromHere) : nullptr;
    if (to == from && to != nullptr)
        return;
    Fiber& here = from == nullptr             ? m_main
        : from->state == Thread::State::Ended ? m_dropped
                                              : from->fiber;
    const bool over = from != nullptr && from->state == Thread::State::Ended;
    if (to == nullptr) {
        if (m_wrong.empty() && m_alive > 0 && !m_holds)
            m_wrong = deadlock();
        if (over)
            m_stacks.giveBack(m_free); // nobody takes it before this thread has left it
        if (from != nullptr)
            switchFiber(here, m_main);
        return;
    }
    Warp& warp = warpOf(*to);
    const std::uint32_t bit = 1U << (to->linear % kWarp);
    currentThread = to;
    if ((warp.unstarted & bit) != 0) {
        if (over)
            return; // runThreads() takes it up on the stack that became free
        to->fiber = m_stacks.take(&Grid::entry);
        if (to->fiber.stack == nullptr) {
            note(nullptr, "no memory for another thread's stack");
            if (from != nullptr)
                switchFiber(here, m_main);
            return;
        }
    }
    if (over)
        m_stacks.giveBack(m_free);
    switchFiber(here, to->fiber);
}

void Grid::entry()
{
    arriveInFiber();
    s_running->runThreads();
}

/// The whole life of a stack: one thread after the other.
void Grid::runThreads()
{
    for (;;) {
        Thread* const thread = currentThread;
        Warp& warp = warpOf(*thread);
        warp.unstarted &= ~(1U << (thread->linear % kWarp));
        m_launch->body();
        ended();
        m_free = thread->fiber;
        thread->fiber = {};
        goOn(false);
        // Here only when the next thread has not been started: it gets this stack.
        currentThread->fiber = m_free;
    }
}

void Grid::ended()
{
    Thread& t = *currentThread;
    Warp& warp = warpOf(t);
    t.state = Thread::State::Ended;
    warp.ready &= ~(1U << (t.linear % kWarp));
    ++t.block->ended;
    --m_alive;
    m_idle = 0;
    if (t.block->atBarrier > 0)
        note(&t, " ended while others wait at __syncthreads()");
}

} // namespace ponder::emulation
