#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/cpu/cpu.h"
#include "kernels/cpu/dispatch/kernel_table.h"
#include "kernels/cpu/quant/activations.h"
#include "kernels/types/views.h"

namespace ponder::kernels {

/// Where each row of a batch is read and written, for RowsProduct.
struct RowPointers {
    std::vector<const ActivationBlock*> blocks; // empty where all weights are floats
    std::vector<const float*> floats; // empty where all are quantised
    std::vector<float*> y;

    /// count rows; those of x are set by setX(), those of y by the caller.
    void resize(std::size_t count, TensorType weights) { resize(count, weights, weights); }
    /// For products with two matrices, of which one may be floats and one not.
    void resize(std::size_t count, TensorType first, TensorType second);
    void setX(std::size_t i, const Activations& x, std::size_t row);
};

/// How many rows of weights make one task: a multiple of the kernels' tile, small enough that
/// matrices * rows feed every thread several times, large enough to be worth taking.
[[nodiscard]] std::size_t rowsPerTask(
    Cpu& cpu, std::size_t matrices, std::size_t rows, std::size_t multipleOf);

/// Bytes of scratch that a product with this matrix needs.
[[nodiscard]] std::size_t rowsScratch(Cpu& cpu, TensorType type, std::size_t cols);

/// Rows [begin, begin + count) of w as a product's weights; the rest of it is left to be set.
[[nodiscard]] RowsProduct rowsOf(const WeightView& w, std::size_t begin, std::size_t count);

/// The product of rows [begin, begin + count) of w with tokens rows from first on.
/// y points at row begin's place less begin, so that yOffset is begin.
void runRows(Cpu& cpu, const WeightView& w, std::size_t begin, std::size_t count,
    const RowPointers& at, std::size_t first, std::size_t tokens, std::byte* scratch);

} // namespace ponder::kernels
