#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/cuda/emulation/grid.h"

// NOLINTBEGIN(readability-identifier-naming): CUDA's names

namespace ponder::emulation {

inline unsigned laneOfThread()
{
    return currentThread->linear % kWarp;
}

template <typename T> T shuffle(std::uint32_t mask, T value, unsigned source PONDER_CALL_SITE)
{
    static_assert(sizeof(T) <= 8);
    Exchange e;
    e.op = WarpOp::Shuffle;
    e.mask = mask;
    e.source = source;
    std::memcpy(&e.value, &value, sizeof value);
    e.where = where;
    exchangeInWarp(e);
    std::memcpy(&value, &e.value, sizeof value);
    return value;
}

inline std::uint32_t ballot(std::uint32_t mask, bool vote PONDER_CALL_SITE)
{
    Exchange e;
    e.op = WarpOp::Ballot;
    e.mask = mask;
    e.value = vote ? 1 : 0;
    e.where = where;
    exchangeInWarp(e);
    return static_cast<std::uint32_t>(e.value);
}

/// Every lane's value, in all lanes. T: up to 8 bytes.
template <typename T> void collect(std::uint32_t mask, T value, T (&all)[kWarp] PONDER_CALL_SITE)
{
    static_assert(sizeof(T) <= 8);
    std::uint64_t values[kWarp];
    Exchange e;
    e.op = WarpOp::Collect;
    e.mask = mask;
    std::memcpy(&e.value, &value, sizeof value);
    e.all = values;
    e.where = where;
    exchangeInWarp(e);
    for (unsigned i = 0; i < kWarp; ++i)
        std::memcpy(&all[i], &values[i], sizeof(T));
}

/// Calls run once, with what every lane of the whole warp brings.
inline void together(void* mine, void (*run)(void* const (&lanes)[kWarp]) PONDER_CALL_SITE)
{
    Exchange e;
    e.op = WarpOp::Together;
    e.mask = 0xFFFFFFFF;
    e.mine = mine;
    e.run = run;
    e.where = where;
    exchangeInWarp(e);
}

} // namespace ponder::emulation

inline void __syncwarp(unsigned mask = 0xFFFFFFFF PONDER_CALL_SITE)
{
    ponder::emulation::Exchange e;
    e.mask = mask;
    e.where = where;
    ponder::emulation::exchangeInWarp(e);
}

template <typename T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32 PONDER_CALL_SITE)
{
    const unsigned lane = ponder::emulation::laneOfThread();
    const auto w = static_cast<unsigned>(width);
    return ponder::emulation::shuffle(
        mask, value, lane / w * w + static_cast<unsigned>(source) % w PONDER_PASS_CALL_SITE);
}
template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int with, int width = 32 PONDER_CALL_SITE)
{
    const unsigned lane = ponder::emulation::laneOfThread();
    const auto w = static_cast<unsigned>(width);
    const unsigned source = lane ^ static_cast<unsigned>(with);
    return ponder::emulation::shuffle(
        mask, value, source / w > lane / w ? lane : source PONDER_PASS_CALL_SITE);
}
template <typename T>
T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = 32 PONDER_CALL_SITE)
{
    const unsigned lane = ponder::emulation::laneOfThread();
    const auto w = static_cast<unsigned>(width);
    return ponder::emulation::shuffle(
        mask, value, lane % w + by < w ? lane + by : lane PONDER_PASS_CALL_SITE);
}
template <typename T>
T __shfl_up_sync(unsigned mask, T value, unsigned by, int width = 32 PONDER_CALL_SITE)
{
    const unsigned lane = ponder::emulation::laneOfThread();
    const auto w = static_cast<unsigned>(width);
    return ponder::emulation::shuffle(
        mask, value, lane % w >= by ? lane - by : lane PONDER_PASS_CALL_SITE);
}
inline unsigned __ballot_sync(unsigned mask, int vote PONDER_CALL_SITE)
{
    return ponder::emulation::ballot(mask, vote != 0 PONDER_PASS_CALL_SITE);
}
inline int __any_sync(unsigned mask, int vote PONDER_CALL_SITE)
{
    return __ballot_sync(mask, vote PONDER_PASS_CALL_SITE) != 0 ? 1 : 0;
}
inline int __all_sync(unsigned mask, int vote PONDER_CALL_SITE)
{
    return __ballot_sync(mask, vote PONDER_PASS_CALL_SITE) == mask ? 1 : 0;
}

// NOLINTEND(readability-identifier-naming)
