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
    constexpr std::size_t kTasksPerThread = 8;
    constexpr std::size_t kMaxRows = 256; // long runs let the next rows be fetched ahead
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

RowsProduct rowsOf(const WeightView& w, std::size_t begin, std::size_t count)
{
    RowsProduct p{};
    p.w = w.row(begin);
    p.rowStride = w.rowStride;
    p.rows = count;
    p.cols = w.cols;
    p.scales = w.scales.data;
    p.scaleStride = w.scales.stride;
    p.firstRow = w.scales.firstRow + begin;
    return p;
}

void runRows(Cpu& cpu, const WeightView& w, std::size_t begin, std::size_t count,
    const RowPointers& at, std::size_t first, std::size_t tokens, std::byte* scratch)
{
    RowsProduct p = rowsOf(w, begin, count);
    p.blocks = at.blocks.empty() ? nullptr : at.blocks.data() + first;
    p.floats = at.floats.empty() ? nullptr : at.floats.data() + first;
    p.y = at.y.data() + first;
    p.yOffset = begin;
    p.tokens = tokens;
    p.scratch = scratch;
    cpu.kernels().rows[kernelIndex(w.type)](p);
}

} // namespace ponder::kernels
