#include "kernels/cpu/quant/activations.h"

#include <cassert>

#include "kernels/cpu/cpu.h"
#include "kernels/cpu/dispatch/kernel_table.h"

namespace ponder::kernels {

void Activations::pack(Cpu& cpu, ConstFloatRows x)
{
    packHeads(cpu, {x.data, x.rows, 1, x.cols, x.stride, 0});
}

void Activations::packHeads(Cpu& cpu, const ConstHeadRows& x)
{
    m_view = x;
    m_rows = x.tokens * x.heads;
    m_cols = x.cols;
    if (!hasBlocks()) {
        return;
    }
    const std::size_t blocksPerRow = m_cols / kActivationBlock;
    if (m_blocks.size() < m_rows * blocksPerRow) {
        m_blocks.resize(m_rows * blocksPerRow);
    }
    // Few rows are not worth waking anybody for.
    constexpr std::size_t kWorthATask = 128; // blocks
    const std::size_t grain = (kWorthATask + blocksPerRow - 1) / blocksPerRow;
    cpu.pool().parallelFor(m_rows, grain, [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t r = begin; r < end; ++r) {
            cpu.kernels().quantize(floats(r), m_cols, m_blocks.data() + r * blocksPerRow);
        }
    });
}

const float* Activations::floats(std::size_t row) const
{
    assert(row < m_rows);
    return m_view.at(row / m_view.heads, row % m_view.heads);
}

const ActivationBlock* Activations::blocks(std::size_t row) const
{
    assert(row < m_rows && hasBlocks());
    return m_blocks.data() + row * (m_cols / kActivationBlock);
}

} // namespace ponder::kernels
