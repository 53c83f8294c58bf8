#include "kernels/types/grids.h"

#include "kernels/types/grid_points.h"

namespace ponder::kernels {

using namespace grid_points;

constinit const Grid<std::uint64_t, 256> kIq2XxsGrid
    = expand<std::uint64_t, 256>(kIq2XxsPoints, kIq2Levels);
constinit const Grid<std::uint64_t, 512> kIq2XsGrid
    = expand<std::uint64_t, 512>(kIq2XsPoints, kIq2Levels);
constinit const Grid<std::uint64_t, 1024> kIq2SGrid
    = expand<std::uint64_t, 1024>(kIq2SPoints, kIq2Levels);
constinit const Grid<std::uint64_t, 2048> kIq1Grid
    = expand<std::uint64_t, 2048>(kIq1Points, kIq1Levels);
constinit const Grid<std::uint32_t, 256> kIq3XxsGrid
    = expand<std::uint32_t, 256>(kIq3XxsPoints, kIq3XxsLevels);
constinit const Grid<std::uint32_t, 512> kIq3SGrid
    = expand<std::uint32_t, 512>(kIq3SPoints, kIq3SLevels);

} // namespace ponder::kernels
