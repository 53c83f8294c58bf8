#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/matmul/product.h"
#include "kernels/cuda/matmul/work.h"
#include "kernels/types/both.h"
#include "kernels/types/views.h"

// Vectors of activations in the forms that products take them in: in a block's shared memory, or made by
// a kernel of their own where they do not fit there.

namespace ponder::kernels::cuda {

/// The forms of `count` vectors of `cols` activations, contiguous: packed, then plain.
struct VectorForms {
    unsigned cols = 0;
    unsigned count = 0;
    bool packed = false; ///< for quantised weights (matmul/activations.cuh)
    bool plain = false; ///< for plain ones

    void need(TensorType weights) { (traits(weights).quantised ? packed : plain) = true; }

    [[nodiscard]] PONDER_BOTH unsigned packedBytes() const { return cols / 32 * 80; }
    [[nodiscard]] PONDER_BOTH unsigned plainBytes() const { return (cols + 3) / 4 * 16; }
    [[nodiscard]] PONDER_BOTH std::size_t plainOffset() const
    {
        return packed ? std::size_t{count} * packedBytes() : 0;
    }
    [[nodiscard]] PONDER_BOTH std::size_t bytes() const
    {
        return plainOffset() + (plain ? std::size_t{count} * plainBytes() : 0);
    }
};

/// Makes vector t * x.heads + h out of head h of token t. forms.count: tokens * heads; to: forms.bytes(),
/// device, aligned to 16.
Status makeVectors(const Work& work, const ConstHeadRows& x, const InputNorm& norm,
    const VectorForms& forms, std::uint8_t* to);

} // namespace ponder::kernels::cuda
