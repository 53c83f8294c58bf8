#pragma once

#include <cstddef>
#include <cstdint>

namespace ponder::kernels {

template <typename Point, std::size_t entries> struct Grid {
    Point points[entries];
};

// The points that weights of the IQ formats may lie on, eight or four weights a point, a byte each, the
// first weight the lowest.
extern const Grid<std::uint64_t, 256> kIq2XxsGrid; ///< of 8, 25, 43
extern const Grid<std::uint64_t, 512> kIq2XsGrid; ///< of 8, 25, 43
extern const Grid<std::uint64_t, 1024> kIq2SGrid; ///< of 8, 25, 43
extern const Grid<std::uint64_t, 2048> kIq1Grid; ///< of 0, 8, 16: eight times -1, 0, 1, and 8 added
extern const Grid<std::uint32_t, 256> kIq3XxsGrid; ///< of 4, 12, 20, 28, 36, 44, 52, 62
extern const Grid<std::uint32_t, 512> kIq3SGrid; ///< of 1, 3, 5, … 15

} // namespace ponder::kernels
