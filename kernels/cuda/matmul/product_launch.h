#pragma once

#include "kernels/cuda/matmul/product.h"
#include "kernels/cuda/matmul/stream_matrix.h"
#include "kernels/cuda/matmul/vectors.h"

namespace ponder::kernels::cuda {

/// What productRows() is told (matmul/product_kernel.cuh).
struct ProductKernel {
    struct Part {
        StreamMatrix matrix; ///< a matrix a head
        const float* bias;
        float* y;
        std::size_t yTokenStride, yHeadStride; ///< floats
        unsigned firstTile; ///< of a head
        bool accumulate;
    };
    Part part[kMostProductParts];
    unsigned parts;
    unsigned tiles; ///< of a head
    unsigned tokens;
    StreamShape shape;
    VectorForms forms; ///< of a head's vectors, or of all where they are ready
    const float* x;
    std::size_t xTokenStride, xHeadStride; ///< floats
    InputNorm norm;
    const std::uint8_t* ready; ///< the vectors of all tokens and heads, or nullptr
    unsigned partialBytes; ///< of shared memory
    bool shareTiles; ///< the warps of a block divide the columns of a tile
};

/// kTokens: 1, or kMostDecodeTokens for any number up to it.
template <int kTokens>
Status launchProduct(const ProductKernel& p, dim3 grid, std::size_t shared, const Work& work);

extern template Status launchProduct<1>(const ProductKernel&, dim3, std::size_t, const Work&);
extern template Status launchProduct<8>(const ProductKernel&, dim3, std::size_t, const Work&);

} // namespace ponder::kernels::cuda
