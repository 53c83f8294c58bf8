#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/cpu/cpu.h"
#include "kernels/cpu/dispatch/kernel_table.h"
#include "kernels/cpu/quant/activations.h"
#include "kernels/types/views.h"

namespace ponder::kernels {

/// Where the rows of activations of a product are: one of the two is nullptr where no weights need it.
struct RowInputs {
    const ActivationBlock* const* blocks; // [tokens]
    const float* const* floats; // [tokens]
};

/// Where a product's results go: row r of the weights with row t of the activations to y[t][offset + r - begin],
/// where `begin` is the first row of the weights.
struct RowOutputs {
    float* const* y; // [tokens]
    std::size_t offset;
};

/// Where each row of a batch is read and written.
struct RowPointers {
    std::vector<const ActivationBlock*> blocks; // empty where all weights are floats
    std::vector<const float*> floats; // empty where all are quantised
    std::vector<float*> y;

    /// count rows; those of x are set by setX(), those of y by the caller.
    void resize(std::size_t count, TensorType weights) { resize(count, weights, weights); }
    /// For products with two matrices, of which one may be floats and one not.
    void resize(std::size_t count, TensorType first, TensorType second);
    void setX(std::size_t i, const Activations& x, std::size_t row);
    /// From row `first` on.
    [[nodiscard]] RowInputs inputs(std::size_t first) const
    {
        return {blocks.empty() ? nullptr : blocks.data() + first,
            floats.empty() ? nullptr : floats.data() + first};
    }
};

/// How many rows of weights make one task: a multiple of the kernels' tile, small enough that
/// matrices * rows feed every thread several times, large enough to be worth taking.
[[nodiscard]] std::size_t rowsPerTask(
    Cpu& cpu, std::size_t matrices, std::size_t rows, std::size_t multipleOf);

/// Bytes of scratch that a product with this matrix needs.
[[nodiscard]] std::size_t rowsScratch(Cpu& cpu, TensorType type, std::size_t cols);

/// The product of rows [begin, begin + count) of w with `tokens` rows of activations.
/// scratch: rowsScratch() bytes.
void runRows(Cpu& cpu, const WeightView& w, std::size_t begin, std::size_t count,
    const RowInputs& x, const RowOutputs& y, std::size_t tokens, std::byte* scratch);

} // namespace ponder::kernels
