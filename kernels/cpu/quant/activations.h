#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/types/activation_block.h"
#include "kernels/types/views.h"

namespace ponder::kernels {

class Cpu;

/// Rows of activations made ready once for several products: 15-bit blocks for quantised weights,
/// and the float rows themselves for F32, F16 and BF16 weights.
/// Keeps its memory from one pack() to the next. Not thread-safe while it packs.
class Activations {
public:
    /// Takes x: [rows, cols], f32. The rows are not copied: they must stay where they are, and
    /// unchanged, until the last product with them. When cols is no multiple of 32 only
    /// products with float weights are possible.
    void pack(Cpu& cpu, ConstFloatRows x);

    /// Takes x: [tokens, heads, cols]; row t * heads + h is head h of token t.
    /// Precondition and lifetime as above.
    void packHeads(Cpu& cpu, const ConstHeadRows& x);

    [[nodiscard]] std::size_t rows() const { return m_rows; }
    [[nodiscard]] std::size_t cols() const { return m_cols; }
    [[nodiscard]] bool hasBlocks() const { return m_cols % kActivationBlock == 0; }
    /// [cols], f32
    [[nodiscard]] const float* floats(std::size_t row) const;
    /// [cols / 32]; precondition: hasBlocks()
    [[nodiscard]] const ActivationBlock* blocks(std::size_t row) const;

private:
    ConstHeadRows m_view;
    std::size_t m_rows = 0;
    std::size_t m_cols = 0;
    std::vector<ActivationBlock> m_blocks; // [rows, cols / 32]
};

} // namespace ponder::kernels
