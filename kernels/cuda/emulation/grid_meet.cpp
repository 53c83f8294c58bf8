#include "kernels/cuda/emulation/grid_run.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>

// Where threads of a launch meet, and what goes wrong there.

namespace ponder::emulation {

namespace {

constexpr unsigned kMaxIdleRounds = 100000;

std::string placeOf(const Thread& t)
{
    const uint3 b = t.block->index;
    return "block (" + std::to_string(b.x) + ", " + std::to_string(b.y) + ", " + std::to_string(b.z)
        + ") thread " + std::to_string(t.linear);
}

std::string placeOf(const CallSite& site)
{
    const std::string_view file = site.file_name();
    return std::string(file.substr(file.rfind('/') + 1)) + ":" + std::to_string(site.line());
}

void make(const AsyncCopy& copy)
{
    if (copy.from != nullptr)
        std::memcpy(copy.to, copy.from, copy.bytes);
    else
        std::memset(copy.to, 0, copy.bytes);
}

} // namespace

/// In random order; in others this one goes on.
void Grid::letOthersRun()
{
    if (m_random)
        goOn(false);
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
    if (++m_idle > kMaxIdleRounds * m_alive)
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
    letOthersRun();
}

void Grid::arriveAtGrid()
{
    m_idle = 0;
    if (!m_launch->cooperative)
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
    letOthersRun();
}

void Grid::arriveAtPrevious()
{
    currentThread->waited = true;
    m_idle = 0;
    if (m_holds)
        leave(Thread::State::AtPrevious);
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
        letOthersRun();
    } else {
        leave(Thread::State::InWarp);
    }
    e = t.exchange;
}

/// On hardware one instruction has them all; lanes that come to another, be it a copy of it, may do
/// anything.
void Grid::checkTogether(const Warp& warp, std::uint32_t mask)
{
    const Exchange& mine = currentThread->exchange;
    for (std::uint32_t rest = mask; rest != 0; rest &= rest - 1) {
        const Thread& t
            = warp.block->threads[warp.first + static_cast<unsigned>(std::countr_zero(rest))];
        const Exchange& e = t.exchange;
        if (e.mask != mask || e.op != mine.op)
            fail(&t, " is in another warp operation than its neighbours");
        if (!isSame(e.where, mine.where)) {
            note(&t,
                " is in the warp operation at " + placeOf(e.where) + ", its neighbours in that at "
                    + placeOf(mine.where));
            giveUp();
        }
    }
}

/// All lanes of the mask have arrived: gives each its result.
void Grid::complete(Warp& warp, std::uint32_t mask)
{
    checkTogether(warp, mask);
    Thread* const threads = &warp.block->threads[warp.first];
    const WarpOp op = currentThread->exchange.op;
    std::uint64_t values[kWarp] = {};
    void* lanes[kWarp] = {};
    std::uint32_t votes = 0;
    for (std::uint32_t rest = mask; rest != 0; rest &= rest - 1) {
        const int lane = std::countr_zero(rest);
        const Exchange& e = threads[lane].exchange;
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

/// Keeps the first thing that goes wrong.
void Grid::note(const Thread* where, const std::string& what)
{
    if (m_wrong.empty())
        m_wrong = name() + ": " + (where == nullptr ? std::string() : placeOf(*where)) + what;
}

/// The stack is left as it is: nothing on it may own memory.
void Grid::giveUp()
{
    switchFiber(currentThread->fiber, m_main);
    __builtin_unreachable();
}

void Grid::fail(const Thread* where, const char* what)
{
    note(where, what);
    giveUp();
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
                return name() + ": " + placeOf(t) + where;
        }
    }
    return name() + ": no thread can go on";
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

void waitForPrevious()
{
    Grid::s_running->arriveAtPrevious();
}

void startCopy(void* to, const void* from)
{
    constexpr std::size_t kBytes = 16;
    Thread& t = *currentThread;
    if (Grid::s_running->rules().copies == Copies::WhenWaitedFor)
        t.copies.push_back({to, from, kBytes, t.copyGroup});
    else
        make({to, from, kBytes, t.copyGroup});
}

void waitForCopies(unsigned pending)
{
    Thread& t = *currentThread;
    std::erase_if(t.copies, [&](const AsyncCopy& copy) {
        if (copy.group + pending >= t.copyGroup)
            return false;
        make(copy);
        return true;
    });
}

void* sharedArray(const void* key, std::size_t bytes, std::size_t alignment)
{
    const std::size_t most = Grid::s_running->rules().sharedPerBlock;
    void* array = currentThread->block->shared.array(
        key, bytes, alignment, most - std::min(most, currentLaunch->shared));
    if (array == nullptr)
        failThread("more shared memory than a block may have");
    return array;
}

void* dynamicShared()
{
    return currentThread->block->shared.dynamic(currentLaunch->shared);
}

void failThread(const char* what)
{
    Grid::s_running->fail(nullptr, what);
}

void failMisaligned(const void* address, std::size_t alignment)
{
    if (currentThread == nullptr) {
        std::fprintf(stderr, "misaligned address %p for %zu bytes\n", address, alignment);
        std::abort();
    }
    char what[80];
    std::snprintf(what, sizeof what, ": misaligned address, %zu bytes behind a multiple of %zu",
        reinterpret_cast<std::uintptr_t>(address) % alignment, alignment);
    Grid::s_running->fail(currentThread, what);
}

} // namespace ponder::emulation
