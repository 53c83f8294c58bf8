#pragma once

#include "kernels/cuda/attention/rows.h"
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
    Part part[kMaxProductParts];
    unsigned parts;
    unsigned tiles; ///< of a head
    unsigned tokens;
    unsigned heads;
    StreamShape shape;
    VectorForms forms; ///< of a head's vectors, or of all where they are ready
    const float* x;
    std::size_t xTokenStride, xHeadStride; ///< floats
    InputNorm norm;
    const std::uint8_t* ready; ///< the vectors of all tokens and heads, or nullptr
    unsigned partialBytes; ///< of shared memory
    bool shareTiles; ///< the warps of a block divide the columns of a tile
};

inline constexpr unsigned kMaxJoinedCols = 768;
/// Of shared memory, beside what is asked for: factors, sums and the row that are joined.
inline constexpr std::size_t kJoinBytes = 10 * 1024;

/// A product by itself.
struct Alone { };
/// What the first rows of the grid's blocks do instead of multiplying: prepareMla().
struct BesidePrepare {
    MlaPrepare prepare;
    unsigned parts; ///< of a token
    unsigned gridRows;
};
/// A product whose input attention has left in parts: a block joins what it needs.
struct BehindAttention {
    AttentionArguments attention;
};

/// kTokens: 1, or kMaxDecodeTokens for any number up to it. grid: (any, heads); what stands beside
/// gets its rows by itself.
template <int kTokens, typename Around>
Status launchProduct(
    const ProductKernel& p, const Around& around, dim3 grid, std::size_t shared, const Work& work);

#define PONDER_LAUNCH_PRODUCT(keyword, tokens, Around)                                             \
    keyword template Status launchProduct<tokens, Around>(                                         \
        const ProductKernel&, const Around&, dim3, std::size_t, const Work&)
PONDER_LAUNCH_PRODUCT(extern, 1, Alone);
PONDER_LAUNCH_PRODUCT(extern, 8, Alone);
PONDER_LAUNCH_PRODUCT(extern, 1, BesidePrepare);
PONDER_LAUNCH_PRODUCT(extern, 8, BesidePrepare);
PONDER_LAUNCH_PRODUCT(extern, 1, BehindAttention);
PONDER_LAUNCH_PRODUCT(extern, 8, BehindAttention);

} // namespace ponder::kernels::cuda
