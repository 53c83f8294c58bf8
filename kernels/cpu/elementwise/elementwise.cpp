#include "kernels/cpu/elementwise/elementwise.h"

#include <cassert>

#include "kernels/cpu/dispatch/kernel_table.h"
#include "kernels/cpu/parallel/grain.h"

namespace ponder::kernels {

namespace {

template <typename Row> void forRows(Cpu& cpu, std::size_t rows, std::size_t cols, Row&& row)
{
    cpu.pool().parallelFor(
        rows, rowGrain(cols), [&](std::size_t begin, std::size_t end, std::size_t) {
            for (std::size_t t = begin; t < end; ++t) {
                row(t);
            }
        });
}

} // namespace

void add(Cpu& cpu, ConstFloatRows x, FloatRows y)
{
    assert(x.rows == y.rows && x.cols == y.cols);
    forRows(cpu, x.rows, x.cols,
        [&](std::size_t t) { cpu.kernels().addScaled(1.0f, x.row(t), x.cols, y.row(t)); });
}

void addToRows(Cpu& cpu, std::span<const float> x, FloatRows y)
{
    assert(x.size() == y.cols);
    forRows(cpu, y.rows, y.cols,
        [&](std::size_t t) { cpu.kernels().addScaled(1.0f, x.data(), y.cols, y.row(t)); });
}

void siluMul(Cpu& cpu, ConstFloatRows gate, ConstFloatRows up, FloatRows y)
{
    assert(gate.rows == y.rows && gate.cols == y.cols && up.rows == y.rows && up.cols == y.cols);
    forRows(cpu, y.rows, y.cols,
        [&](std::size_t t) { cpu.kernels().siluMul(gate.row(t), up.row(t), y.cols, y.row(t)); });
}

void clampedSwiGlu(
    Cpu& cpu, ConstFloatRows gate, ConstFloatRows up, float alpha, float limit, FloatRows y)
{
    assert(gate.rows == y.rows && gate.cols == y.cols && up.rows == y.rows && up.cols == y.cols);
    forRows(cpu, y.rows, y.cols, [&](std::size_t t) {
        cpu.kernels().clampedSwiGlu(gate.row(t), up.row(t), y.cols, alpha, limit, y.row(t));
    });
}

void softmax(Cpu& cpu, FloatRows x)
{
    forRows(cpu, x.rows, x.cols, [&](std::size_t t) { cpu.kernels().softmax(x.row(t), x.cols); });
}

void sigmoid(Cpu& cpu, FloatRows x)
{
    forRows(cpu, x.rows, x.cols, [&](std::size_t t) { cpu.kernels().sigmoid(x.row(t), x.cols); });
}

void embeddingRows(
    Cpu& cpu, const WeightView& table, std::span<const std::int32_t> ids, FloatRows y)
{
    assert(ids.size() == y.rows && table.cols == y.cols);
    const auto dequantize = cpu.kernels().dequantizeRow[kernelIndex(table.type)];
    forRows(cpu, y.rows, y.cols, [&](std::size_t t) {
        const auto id = static_cast<std::size_t>(ids[t]);
        assert(id < table.rows);
        dequantize(table.row(id), table.scales.row(id), y.cols, y.row(t));
    });
}

} // namespace ponder::kernels
