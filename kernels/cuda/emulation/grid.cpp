#include "kernels/cuda/emulation/grid.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <pthread.h>

namespace ponder::emulation {

thread_local Thread* currentThread = nullptr;
thread_local const Launch* currentLaunch = nullptr;

namespace {

constexpr std::size_t kCanary = 256; // bytes on each side
constexpr std::byte kCanaryByte{0xA5};
constexpr std::byte kPoison{0xFF}; // NaN as a float, -1 as a number
constexpr std::size_t kMostShared = 227 * 1024; // of a block, sm_90
constexpr unsigned kMostIdleRounds = 100000;

/// One launch: the blocks that live, and whose turn it is.
class Grid {
public:
    Grid(const Launch& launch, Order order, FiberStacks& stacks)
        : m_launch(launch)
        , m_backward(order == Order::Backward)
        , m_stacks(stacks)
    {
    }

    std::string run();

    // Called by the running thread.
    void leave(Thread::State state);
    void yield();
    void arrive();
    void arriveAtGrid();
    void exchange(Exchange& e);
    [[noreturn]] void fail(const Thread* where, const char* what);

    static thread_local Grid* s_running;

private:
    static void entry();
    void runThreads();
    void start(const std::vector<uint3>& indices);
    void runBlocks();
    void ended();
    [[nodiscard]] Thread* pick(bool awayFromHere);
    void goOn(bool awayFromHere);
    void resume(Thread& thread);
    void complete(Warp& warp, std::uint32_t mask);
    [[nodiscard]] Warp& warpOf(const Thread& t) { return *t.block->warps[t.linear / kWarp]; }
    [[nodiscard]] std::string name() const { return "kernel " + std::string(m_launch.name); }
    [[nodiscard]] std::string deadlock() const;

    const Launch& m_launch;
    bool m_backward;
    FiberStacks& m_stacks;
    std::vector<std::unique_ptr<Block>> m_blocks;
    std::vector<Warp> m_warps;
    std::size_t m_warp = 0; // whose turn it is
    unsigned m_alive = 0;
    unsigned m_atGrid = 0;
    unsigned m_idle = 0; // yields since something else happened
    Fiber m_main;
    Fiber m_free; // of the thread that ended last
    Fiber m_dropped; // where it saves itself
    std::string m_wrong;
};

thread_local Grid* Grid::s_running = nullptr;

std::string place(const Thread& t)
{
    const uint3 b = t.block->index;
    return "block (" + std::to_string(b.x) + ", " + std::to_string(b.y) + ", " + std::to_string(b.z)
        + ") thread " + std::to_string(t.linear);
}

std::string Grid::run()
{
    const dim3 g = m_launch.grid;
    const dim3 b = m_launch.block;
    const std::size_t threads = std::size_t{b.x} * b.y * b.z;
    if (threads == 0 || threads > 1024 || b.z > 64 || g.x == 0 || g.y == 0 || g.z == 0
        || g.y > 65535 || g.z > 65535 || g.x > 0x7FFFFFFF)
        return name() + ": a grid or block of this size cannot be launched";
    if (m_launch.shared > kMostShared)
        return name() + ": more shared memory than a block may have";
#ifdef __linux__
    pthread_attr_t attributes;
    if (::pthread_getattr_np(::pthread_self(), &attributes) == 0) {
        ::pthread_attr_getstack(&attributes, &m_main.stack, &m_main.size);
        ::pthread_attr_destroy(&attributes);
    }
#endif
    std::vector<uint3> indices;
    const std::size_t blocks = std::size_t{g.x} * g.y * g.z;
    for (std::size_t i = 0; i < blocks && m_wrong.empty(); ++i) {
        const std::size_t n = m_backward ? blocks - 1 - i : i;
        indices.push_back({static_cast<unsigned>(n % g.x), static_cast<unsigned>(n / g.x % g.y),
            static_cast<unsigned>(n / g.x / g.y)});
        if (m_launch.cooperative && i + 1 < blocks)
            continue;
        start(indices);
        runBlocks();
        indices.clear();
    }
    return m_wrong;
}

/// Makes the threads of these blocks, none of them started.
void Grid::start(const std::vector<uint3>& indices)
{
    const dim3 b = m_launch.block;
    const unsigned threads = b.x * b.y * b.z;
    const unsigned warps = (threads + kWarp - 1) / kWarp;
    m_blocks.resize(indices.size());
    m_warps.assign(indices.size() * warps, {});
    m_alive = static_cast<unsigned>(indices.size()) * threads;
    m_atGrid = 0;
    m_warp = m_backward ? m_warps.size() - 1 : 0;
    for (std::size_t i = 0; i < indices.size(); ++i) {
        if (m_blocks[i] == nullptr)
            m_blocks[i] = std::make_unique<Block>();
        Block& block = *m_blocks[i];
        block.index = indices[i];
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

void Grid::runBlocks()
{
    Grid* const before = s_running;
    s_running = this;
    currentLaunch = &m_launch;
    m_idle = 0;
    goOn(false);
    currentThread = nullptr;
    currentLaunch = nullptr;
    s_running = before;
    for (const auto& block : m_blocks) {
        for (Thread& t : block->threads) {
            if (t.fiber.stack != nullptr)
                m_stacks.giveBack(t.fiber); // of a kernel that was given up
            if (m_wrong.empty() && m_launch.overlap && !t.waited)
                m_wrong = name() + ": " + place(t)
                    + " was launched beside the kernel before and did not wait for it";
        }
        if (m_wrong.empty())
            m_wrong = block->shared.check();
        if (!m_wrong.empty() && !m_wrong.starts_with("kernel"))
            m_wrong = name() + ": " + m_wrong;
    }
}

/// The next thread that can go on: one of this warp while there is one, or, away from here, the
/// next after the running one, so that everybody has a turn.
Thread* Grid::pick(bool awayFromHere)
{
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
        if (m_wrong.empty() && m_alive > 0)
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
            m_wrong = name() + ": no memory for another thread's stack";
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
        m_launch.body();
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
        m_wrong = name() + ": " + place(t) + " ended while others wait at __syncthreads()";
}

void Grid::leave(Thread::State state)
{
    Thread& t = *currentThread;
    t.state = state;
    warpOf(t).ready &= ~(1U << (t.linear % kWarp));
    goOn(false);
}

void Grid::yield()
{
    if (++m_idle > kMostIdleRounds * m_alive)
        fail(currentThread, " waits for something that does not happen");
    goOn(true);
}

void Grid::arrive()
{
    Block& block = *currentThread->block;
    m_idle = 0;
    if (block.ended > 0)
        fail(currentThread, " waits at __syncthreads() where others have ended");
    if (++block.atBarrier < block.threads.size()) {
        leave(Thread::State::AtBarrier);
        return;
    }
    block.atBarrier = 0;
    block.barrierResult = block.barrierCount;
    block.barrierCount = 0;
    for (Warp* warp : block.warps) {
        const std::size_t lanes = std::min<std::size_t>(kWarp, block.threads.size() - warp->first);
        for (std::size_t lane = 0; lane < lanes; ++lane)
            block.threads[warp->first + lane].state = Thread::State::Runs;
        warp->ready = lanes == kWarp ? ~0U : (1U << lanes) - 1;
    }
}

void Grid::arriveAtGrid()
{
    m_idle = 0;
    if (!m_launch.cooperative)
        fail(nullptr, "a barrier of the grid in a launch that is not cooperative");
    if (++m_atGrid < m_alive) {
        leave(Thread::State::AtGrid);
        return;
    }
    m_atGrid = 0;
    for (const auto& block : m_blocks) {
        for (Thread& t : block->threads) {
            if (t.state == Thread::State::AtGrid) {
                t.state = Thread::State::Runs;
                warpOf(t).ready |= 1U << (t.linear % kWarp);
            }
        }
    }
}

void Grid::exchange(Exchange& e)
{
    Thread& t = *currentThread;
    Warp& warp = warpOf(t);
    const std::uint32_t bit = 1U << (t.linear % kWarp);
    m_idle = 0;
    if ((e.mask & bit) == 0)
        fail(&t, " is not in the mask of its own warp operation");
    t.exchange = e;
    warp.inWarp |= bit;
    if ((warp.inWarp & e.mask) == e.mask) {
        complete(warp, e.mask);
    } else {
        leave(Thread::State::InWarp);
    }
    e = t.exchange;
}

/// All lanes of the mask have arrived: gives each its result.
void Grid::complete(Warp& warp, std::uint32_t mask)
{
    Thread* const threads = &warp.block->threads[warp.first];
    const WarpOp op = currentThread->exchange.op;
    std::uint64_t values[kWarp] = {};
    void* lanes[kWarp] = {};
    std::uint32_t votes = 0;
    for (std::uint32_t rest = mask; rest != 0; rest &= rest - 1) {
        const int lane = std::countr_zero(rest);
        const Exchange& e = threads[lane].exchange;
        if (e.mask != mask || e.op != op)
            fail(&threads[lane], " is in another warp operation than its neighbours");
        values[lane] = e.value;
        lanes[lane] = e.mine;
        votes |= e.value != 0 ? 1U << lane : 0;
    }
    if (op == WarpOp::Together)
        currentThread->exchange.run(lanes);
    for (std::uint32_t rest = mask; rest != 0; rest &= rest - 1) {
        const int lane = std::countr_zero(rest);
        Exchange& e = threads[lane].exchange;
        switch (op) {
        case WarpOp::Sync:
        case WarpOp::Together:
            break;
        case WarpOp::Shuffle:
            if ((mask >> e.source & 1U) == 0)
                fail(&threads[lane], " reads a lane that takes no part");
            e.value = values[e.source];
            break;
        case WarpOp::Ballot:
            e.value = votes;
            break;
        case WarpOp::Collect:
            std::memcpy(e.all, values, sizeof values);
            break;
        }
        threads[lane].state = Thread::State::Runs;
    }
    warp.inWarp &= ~mask;
    warp.ready |= mask;
}

/// The stack is left behind as it is: nothing on it may own memory.
void Grid::fail(const Thread* where, const char* what)
{
    if (m_wrong.empty())
        m_wrong = name() + ": " + (where == nullptr ? std::string() : place(*where)) + what;
    switchFiber(currentThread->fiber, m_main);
    __builtin_unreachable();
}

std::string Grid::deadlock() const
{
    for (const auto& block : m_blocks) {
        for (const Thread& t : block->threads) {
            const char* where = nullptr;
            if (t.state == Thread::State::AtBarrier)
                where = " waits at __syncthreads(), which others do not reach";
            else if (t.state == Thread::State::InWarp)
                where = " waits in a warp operation, which others of its mask do not reach";
            else if (t.state == Thread::State::AtGrid)
                where = " waits at the grid's barrier, which others do not reach";
            if (where != nullptr)
                return name() + ": " + place(t) + where;
        }
    }
    return name() + ": no thread can go on";
}

} // namespace

std::byte* SharedMemory::Array::data() const
{
    const auto address = reinterpret_cast<std::uintptr_t>(memory.get()) + kCanary;
    return memory.get() + ((address + 127) / 128 * 128 - address) + kCanary;
}

void* SharedMemory::array(const void* key, std::size_t bytes)
{
    Array& array = m_arrays[key];
    if (array.memory == nullptr) {
        std::size_t all = bytes;
        for (const auto& other : m_arrays)
            all += other.second.bytes;
        if (all > kMostShared)
            return nullptr;
        const std::size_t whole = bytes + 2 * kCanary + 128;
        array.memory = std::make_unique<std::byte[]>(whole);
        array.bytes = bytes;
        std::fill_n(array.memory.get(), whole, kCanaryByte);
        std::fill_n(array.data(), bytes, kPoison);
    }
    return array.data();
}

std::string SharedMemory::check() const
{
    for (const auto& entry : m_arrays) {
        const Array& array = entry.second;
        const auto intact = [](const std::byte* from, const std::byte* to) {
            return std::all_of(from, to, [](std::byte b) { return b == kCanaryByte; });
        };
        const std::byte* end = array.data() + array.bytes;
        if (!intact(array.memory.get(), array.data()) || !intact(end, end + kCanary))
            return "a write outside of an array of " + std::to_string(array.bytes)
                + " bytes in shared memory";
    }
    return {};
}

void SharedMemory::clear()
{
    m_arrays.clear();
}

std::string runGrid(const Launch& launch, Order order, FiberStacks& stacks)
{
    return Grid(launch, order, stacks).run();
}

unsigned waitAtBarrier(bool counted)
{
    Block& block = *currentThread->block;
    block.barrierCount += counted ? 1 : 0;
    Grid::s_running->arrive();
    return block.barrierResult;
}

void waitAtGrid()
{
    Grid::s_running->arriveAtGrid();
}

void exchangeInWarp(Exchange& exchange)
{
    Grid::s_running->exchange(exchange);
}

void yieldThread()
{
    Grid::s_running->yield();
}

void waitForCopies(unsigned pending)
{
    Thread& t = *currentThread;
    std::erase_if(t.copies, [&](const AsyncCopy& copy) {
        if (copy.group + pending >= t.copyGroup)
            return false;
        if (copy.from != nullptr)
            std::memcpy(copy.to, copy.from, copy.bytes);
        else
            std::memset(copy.to, 0, copy.bytes);
        return true;
    });
}

void* sharedArray(const void* key, std::size_t bytes)
{
    void* array = currentThread->block->shared.array(key, bytes);
    if (array == nullptr)
        failThread("more shared memory than a block may have");
    return array;
}

void* dynamicShared()
{
    return sharedArray(currentLaunch, currentLaunch->shared);
}

void failThread(const char* what)
{
    Grid::s_running->fail(nullptr, what);
}

} // namespace ponder::emulation
