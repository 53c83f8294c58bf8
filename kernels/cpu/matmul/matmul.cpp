#include "kernels/cpu/matmul/matmul.h"

#include <cassert>

#include "kernels/cpu/matmul/rows_driver.h"

namespace ponder::kernels {

namespace {

// The products of all matrices of w: matrix m is multiplied by rows [m * tokens, (m + 1) * tokens) of `at`.
void runAll(Cpu& cpu, const WeightStack& w, const RowPointers& at, std::size_t tokens)
{
    if (tokens == 0 || w.rows == 0) {
        return;
    }
    const std::size_t step = rowsPerTask(cpu, w.count, w.rows, 1);
    const std::size_t tasksPerMatrix = (w.rows + step - 1) / step;
    cpu.reserveScratch(rowsScratch(cpu, w.type, w.cols));
    cpu.pool().parallelFor(
        w.count * tasksPerMatrix, 1, [&](std::size_t begin, std::size_t end, std::size_t worker) {
            for (std::size_t task = begin; task < end; ++task) {
                const std::size_t m = task / tasksPerMatrix;
                const std::size_t row = task % tasksPerMatrix * step;
                const std::size_t count = w.rows - row < step ? w.rows - row : step;
                runRows(cpu, w.matrix(m), row, count, at.inputs(m * tokens),
                    {at.y.data() + m * tokens, row}, tokens, cpu.scratch(worker));
            }
        });
}

} // namespace

void matmul(Cpu& cpu, const WeightView& w, const Activations& x, FloatRows y)
{
    assert(w.cols == x.cols() && x.rows() == y.rows && y.cols == w.rows);
    assert(!traits(w.type).quantised || x.hasBlocks());
    RowPointers at;
    at.resize(y.rows, w.type);
    for (std::size_t t = 0; t < y.rows; ++t) {
        at.setX(t, x, t);
        at.y[t] = y.row(t);
    }
    runAll(cpu, {w.type, w.data, 1, w.rows, w.cols, w.rowStride, 0, w.scales}, at, y.rows);
}

void matmulHeads(Cpu& cpu, const WeightStack& w, const Activations& x, const HeadRows& y)
{
    assert(w.cols == x.cols() && w.count == y.heads && w.rows == y.cols);
    assert(x.rows() == y.tokens * y.heads);
    assert(!traits(w.type).quantised || x.hasBlocks());
    RowPointers at;
    at.resize(y.tokens * y.heads, w.type);
    for (std::size_t h = 0; h < y.heads; ++h) {
        for (std::size_t t = 0; t < y.tokens; ++t) {
            at.setX(h * y.tokens + t, x, t * y.heads + h);
            at.y[h * y.tokens + t] = y.at(t, h);
        }
    }
    runAll(cpu, w, at, y.tokens);
}

void matmulHeadsTransposed(
    Cpu& cpu, const WeightStack& w, const ConstHeadRows& x, const HeadRows& y)
{
    assert(w.rows == x.cols && w.cols == y.cols && w.count == x.heads && w.count == y.heads);
    assert(x.tokens == y.tokens);
    const auto dequantize = cpu.kernels().dequantizeRow[kernelIndex(w.type)];
    cpu.reserveScratch(w.cols * sizeof(float));
    // Each weight row is made floats once and then serves all tokens.
    cpu.pool().parallelFor(w.count, 1, [&](std::size_t begin, std::size_t end, std::size_t worker) {
        auto* row = reinterpret_cast<float*>(cpu.scratch(worker));
        for (std::size_t h = begin; h < end; ++h) {
            for (std::size_t t = 0; t < y.tokens; ++t) {
                for (std::size_t c = 0; c < y.cols; ++c) {
                    y.at(t, h)[c] = 0;
                }
            }
            const WeightView matrix = w.matrix(h);
            for (std::size_t r = 0; r < matrix.rows; ++r) {
                dequantize(matrix.row(r), matrix.scales.row(r), matrix.cols, row);
                for (std::size_t t = 0; t < y.tokens; ++t) {
                    cpu.kernels().addScaled(x.at(t, h)[r], row, y.cols, y.at(t, h));
                }
            }
        }
    });
}

} // namespace ponder::kernels
