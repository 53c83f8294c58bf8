#pragma once

#include <array>
#include <cstddef>

#include "kernels/cuda/matmul/work.h"
#include "kernels/cuda/runtime/status.h"
#include "kernels/types/views.h"

namespace ponder::kernels::cuda {

// Products with weight matrices, as kernels/cpu/matmul/matmul.h has them, of any number of tokens.
// All views hold device addresses. For every function:
// - the weights are used in place: any type, their first byte aligned to weightAlignment(type)
//   (quant/rows.h). The 16-byte lines that a matrix lies in may be read whole, so an allocation ends
//   on a multiple of 16;
// - activations and results are f32; rows of activations start at multiples of 16 bytes (stride a
//   multiple of 4 floats) where the weights are quantised;
// - quantised weights are multiplied by activations of 15 bits, as on the CPU; F32, F16, BF16 and F8_E4M3 weights
//   by the floats themselves;
// - one token's result does not depend on the others that it is computed with, as long as both
//   batches are of at most kMaxDecodeTokens tokens, or both of more. Sums have one order, always;
// - work is put on work.stream, nothing waits for it; it can be captured in a graph, and nothing
//   but the numbers at the addresses may then change. cudaErrorInvalidValue: too little
//   work.memory or a shape that does not fit; other codes are the launch's.

/// An RMS norm that the input goes through first: x / sqrt(mean of x^2 + epsilon) * weight.
struct InputNorm {
    const float* weight = nullptr; ///< [cols], device; nullptr: no norm
    float epsilon = 0;
};

/// One of the matrices that the same input is multiplied by: y[t, r] (+)= sum over c of x[t, c] w[r, c] + bias[r].
struct ProductPart {
    WeightView w; ///< [rows, cols]
    const float* bias = nullptr; ///< [rows], device, or nullptr
    FloatRows y; ///< [tokens, rows]; any stride
    bool accumulate = false; ///< adds to y (the stream, say) instead of setting it
};

inline constexpr std::size_t kMaxProductParts = 4;

/// A projection, or several of one input in one launch: query and latent; query, key and value;
/// the router; the head.
struct ProductArgs {
    ConstFloatRows x; ///< [tokens, cols]
    InputNorm norm; ///< of x, in the same launch
    std::array<ProductPart, kMaxProductParts> parts; ///< no y may overlap x or another y
    std::size_t partCount = 1;
};

/// Bytes of work.memory that product() needs; only shapes and types of args are looked at.
/// Fewer tokens never need more.
[[nodiscard]] std::size_t productMemory(const ProductArgs& args);
Status product(const Work& work, const ProductArgs& args);

/// One matrix a head: y[t, h, r] = sum over c of x[t, h, c] w[h, r, c].
/// w: [heads, rows, cols], with places or without; x: [tokens, heads, cols]; y: [tokens, heads, rows].
/// For attn_k_b, attn_v_b and the value rows of an unsplit attn_kv_b.
struct HeadProductArgs {
    WeightStack w;
    ConstHeadRows x; ///< y may not overlap x
    HeadRows y;
};
[[nodiscard]] std::size_t headProductMemory(const HeadProductArgs& args);
Status headProduct(const Work& work, const HeadProductArgs& args);

struct MlaPrepare;
struct AttentionArguments;
/// prepareMla() (attention/cache.h) and a product that needs nothing of it, of as many tokens: in one launch
/// where they are few.
Status headProduct(const Work& work, const HeadProductArgs& args, const MlaPrepare& prepare);
/// combineSplits() (attention/rows.h), whose result is args.x, and the product: in one launch where tokens are
/// few. x itself is then not written.
Status headProduct(
    const Work& work, const HeadProductArgs& args, const AttentionArguments& attention);

/// One matrix a head, transposed: y[t, h, c] = sum over r of x[t, h, r] w[h, r, c].
/// w: [heads, rows, cols]; x: [tokens, heads, rows]; y: [tokens, heads, cols]. In floats.
/// For the key rows of an unsplit attn_kv_b. Needs no memory.
Status headProductTransposed(const Work& work, const HeadProductArgs& args);
Status headProductTransposed(
    const Work& work, const HeadProductArgs& args, const MlaPrepare& prepare);

} // namespace ponder::kernels::cuda
