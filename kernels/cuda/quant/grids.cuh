#pragma once

#include "kernels/cuda/device.h"
#include "kernels/types/grid_points.h"

// The grids of kernels/types/grids.h in device memory: 30 KB that stay in the first cache.

namespace ponder::kernels::cuda {

#ifdef PONDER_CUDA_EMULATED
#define PONDER_DEVICE_GRID(name, Point, entries, grid, levels)                                     \
    inline Point name(unsigned i)                                                                  \
    {                                                                                              \
        return k##grid##Grid.points[i];                                                            \
    }
#else
#define PONDER_DEVICE_GRID(name, Point, entries, grid, levels)                                     \
    static __device__ const Grid<Point, entries> device##grid##Grid                                \
        = grid_points::expand<Point, entries>(grid_points::k##grid##Points, levels);               \
    __device__ __forceinline__ Point name(unsigned i)                                              \
    {                                                                                              \
        return __ldg(&device##grid##Grid.points[i]);                                               \
    }
#endif

PONDER_DEVICE_GRID(iq2XxsPoint, std::uint64_t, 256, Iq2Xxs, grid_points::kIq2Levels)
PONDER_DEVICE_GRID(iq2XsPoint, std::uint64_t, 512, Iq2Xs, grid_points::kIq2Levels)
PONDER_DEVICE_GRID(iq2SPoint, std::uint64_t, 1024, Iq2S, grid_points::kIq2Levels)
PONDER_DEVICE_GRID(iq1Point, std::uint64_t, 2048, Iq1, grid_points::kIq1Levels)
PONDER_DEVICE_GRID(iq3XxsPoint, std::uint32_t, 256, Iq3Xxs, grid_points::kIq3XxsLevels)
PONDER_DEVICE_GRID(iq3SPoint, std::uint32_t, 512, Iq3S, grid_points::kIq3SLevels)

#undef PONDER_DEVICE_GRID

} // namespace ponder::kernels::cuda
