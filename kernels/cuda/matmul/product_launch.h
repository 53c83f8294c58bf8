#pragma once

#include "kernels/cuda/attention/rows.h"
#include "kernels/cuda/matmul/product.h"
#include "kernels/cuda/matmul/stream_matrix.h"
#include "kernels/cuda/matmul/vectors.h"

namespace ponder::kernels::cuda {

/// The arguments of the kernel productRows() (matmul/matvec_kernel.cuh).
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

inline constexpr unsigned kMaxCombinedCols = 768;
/// Of shared memory, in addition to what the launch asks for: the factors, the sums and the combined row.
inline constexpr std::size_t kCombineBytes = 10 * 1024;

// What a launch does besides the product. matvec_t1_after_attention_combine.cu is the product of one token with
// AfterAttentionCombine, and so on: t1 is one token, t8 any number up to kMaxDecodeTokens.

/// Nothing else.
struct Alone { };
/// The first rows of the grid's blocks do prepareMla(); the others multiply.
struct WithMlaPrepare {
    MlaPrepare prepare;
    unsigned parts; ///< of a token
    unsigned gridRows;
};
/// Attention's combine step before the product: the input lies in attention's splits, and each block combines
/// what it needs.
struct AfterAttentionCombine {
    AttentionArguments attention;
};

/// kTokens: 1, or kMaxDecodeTokens for any number up to it. grid: (any, heads); launchProduct() adds
/// the rows of WithMlaPrepare.
template <int kTokens, typename Fused>
Status launchProduct(
    const ProductKernel& p, const Fused& fused, dim3 grid, std::size_t shared, const Work& work);

#define PONDER_LAUNCH_PRODUCT(keyword, tokens, Fused)                                              \
    keyword template Status launchProduct<tokens, Fused>(                                          \
        const ProductKernel&, const Fused&, dim3, std::size_t, const Work&)
PONDER_LAUNCH_PRODUCT(extern, 1, Alone);
PONDER_LAUNCH_PRODUCT(extern, 8, Alone);
PONDER_LAUNCH_PRODUCT(extern, 1, WithMlaPrepare);
PONDER_LAUNCH_PRODUCT(extern, 8, WithMlaPrepare);
PONDER_LAUNCH_PRODUCT(extern, 1, AfterAttentionCombine);
PONDER_LAUNCH_PRODUCT(extern, 8, AfterAttentionCombine);

} // namespace ponder::kernels::cuda
