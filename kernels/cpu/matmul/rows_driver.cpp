#include "kernels/cpu/matmul/rows_driver.h"

#include <algorithm>

namespace ponder::kernels {

void RowPointers::resize(std::size_t count, TensorType first, TensorType second)
{
    const bool one = traits(first).quantised;
    const bool other = traits(second).quantised;
    blocks.resize(one || other ? count : 0);
    floats.resize(one && other ? 0 : count);
    y.resize(count);
}

void RowPointers::setX(std::size_t i, const Activations& x, std::size_t row)
{
    if (!blocks.empty()) {
        blocks[i] = x.blocks(row);
    }
    if (!floats.empty()) {
        floats[i] = x.floats(row);
    }
}

std::size_t rowsPerTask(Cpu& cpu, std::size_t matrices, std::size_t rows, std::size_t multipleOf)
{
    // A thread that is late by one task delays the others by an eighth of the work at most.
    constexpr std::size_t kTasksPerThread = 8;
    // A task prefetches the next tile's rows while it multiplies one (SingleSink), all but the last tile's. With
    // 256 rows that is 1 of 16 tiles (AVX-512) or of 32 (AVX2) that nothing was prefetched for.
    constexpr std::size_t kMaxRows = 256;
    const std::size_t unit = std::max(multipleOf, cpu.kernels().tileRows);
    const std::size_t wanted = matrices * rows / (kTasksPerThread * cpu.threads());
    const std::size_t units
        = std::clamp<std::size_t>(wanted / unit, 1, std::max<std::size_t>(kMaxRows / unit, 1));
    return units * unit;
}

std::size_t rowsScratch(Cpu& cpu, TensorType type, std::size_t cols)
{
    return cpu.kernels().scratchBytes(rowBytes(type, cols).value_or(0), cols);
}

void runRows(Cpu& cpu, const WeightView& w, std::size_t begin, std::size_t count,
    const RowInputs& x, const RowOutputs& y, std::size_t tokens, std::byte* scratch)
{
    const RowsProduct product{
        .w = w.row(begin),
        .rowStride = w.rowStride,
        .rows = count,
        .cols = w.cols,
        .scales = w.scales.data,
        .scaleStride = w.scales.stride,
        .firstRow = w.scales.firstRow + begin,
        .blocks = x.blocks,
        .floats = x.floats,
        .y = y.y,
        .yOffset = y.offset,
        .tokens = tokens,
        .scratch = scratch,
    };
    cpu.kernels().rows[kernelIndex(w.type)](product);
}

} // namespace ponder::kernels
