#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kernels/cuda/emulation/dice.h"
#include "kernels/cuda/emulation/grid.h"
#include "kernels/cuda/emulation/machine.h"

namespace ponder::emulation {

/// How kernels run; parts of a Machine.
struct Rules {
    Order order = Order::Forward;
    std::uint64_t seed = 0; ///< for Order::Random
    Copies copies = Copies::WhenWaitedFor;
    std::size_t sharedPerBlock = 0;
};

/// A launch that runs: the blocks that live, and whose turn it is.
class Grid {
public:
    Grid(std::shared_ptr<const Launch> launch, const Rules& rules, FiberStacks& stacks);
    Grid(const Grid&) = delete;
    Grid& operator=(const Grid&) = delete;
    ~Grid();

    /// Lets the first blocks run until every thread of them is in waitForPrevious() or cannot go on.
    void runAhead();
    /// Runs what is left of it. Returns what it did wrong, or nothing.
    [[nodiscard]] std::string run();
    /// The most shared memory that a block had but for the launch's, of those that have run.
    [[nodiscard]] std::size_t staticShared() const { return m_staticShared; }

    // Called by the running thread.
    void yield();
    void arrive();
    void arriveAtGrid();
    void arriveAtPrevious();
    void exchange(Exchange& e);
    [[noreturn]] void fail(const Thread* where, const char* what);
    [[nodiscard]] const Rules& rules() const { return m_rules; }

    static thread_local Grid* s_running;

private:
    static void entry();
    void runThreads();
    [[nodiscard]] bool canStart();
    [[nodiscard]] uint3 blockAt(std::size_t turn);
    void start(std::size_t count);
    void schedule();
    void finish();
    void release();
    void ended();
    [[nodiscard]] Thread* pick(bool awayFromHere);
    [[nodiscard]] Thread* pickAtRandom(bool awayFromHere);
    void goOn(bool awayFromHere);
    void leave(Thread::State state);
    void letOthersRun();
    void complete(Warp& warp, std::uint32_t mask);
    void checkTogether(const Warp& warp, std::uint32_t mask);
    void note(const Thread* where, const std::string& what);
    [[noreturn]] void giveUp();
    [[nodiscard]] Warp& warpOf(const Thread& t) { return *t.block->warps[t.linear / kWarp]; }
    [[nodiscard]] std::string name() const { return "kernel " + std::string(m_launch->name); }
    [[nodiscard]] std::string deadlock() const;

    std::shared_ptr<const Launch> m_launch;
    Rules m_rules;
    bool m_backward, m_random;
    Dice m_dice;
    FiberStacks& m_stacks;
    std::vector<std::size_t> m_shuffled; // blocks in the order of their turns, where that is random
    std::size_t m_turn = 0; // blocks that were started
    bool m_isAhead = false; // blocks were started that the kernel before holds
    bool m_holds = false; // they are held now
    std::vector<std::unique_ptr<Block>> m_blocks;
    std::vector<Warp> m_warps;
    std::size_t m_warp = 0; // whose turn it is
    unsigned m_alive = 0;
    unsigned m_atGrid = 0;
    unsigned m_idle = 0; // yields since something else happened
    std::size_t m_staticShared = 0;
    Fiber m_main;
    Fiber m_free; // of the thread that ended last
    Fiber m_dropped; // where it saves itself
    std::string m_wrong;
};

} // namespace ponder::emulation
