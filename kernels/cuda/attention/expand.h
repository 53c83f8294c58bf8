#pragma once

#include "kernels/cuda/attention/cache.h"
#include "kernels/cuda/runtime/status.h"
#include "kernels/types/views.h"

// Keys and values of every head out of MLA's latents, for prompts: a query is then multiplied by nopeDim + ropeDim
// numbers of each position instead of kvLoraRank + ropeDim. The products are product()'s; this is what
// lies around them. Everything on the device.

namespace ponder::kernels::cuda {

/// out[i] = the first out.cols numbers of the cache's row first + i, in f32. One head.
Status unpackRows(const CacheRows& cache, std::size_t first, FloatRows out, cudaStream_t stream);

/// A stack transposed, as one matrix: row h * w.cols + c of out is column c of w's matrix h.
/// [heads, rows, cols] becomes [heads * cols, rows], F32 or BF16, packed.
struct StackTranspose {
    WeightStack w;
    std::size_t heads = 0;
    TensorType type = TensorType::BF16;
    void* out = nullptr;
};
Status transposeStack(const StackTranspose& p, cudaStream_t stream);

/// Where each head's keys and values go, once the products are done.
struct ExpandedPack {
    ConstHeadRows keys; ///< [positions, heads, nopeDim], f32
    ConstHeadRows values; ///< [positions, heads, valueDim], f32
    CacheRows
        latents; ///< a layer's cache: its columns from rank on are the rotated part of every key
    std::size_t rank = 0;
    std::size_t first = 0; ///< row of latents that row 0 of the others belongs to
    CacheRows packedKeys; ///< [positions, heads, nopeDim + ropeDim], F32 or Bf16
    CacheRows packedValues; ///< [positions, heads, valueDim], of the same type
};
Status packExpanded(const ExpandedPack& p, cudaStream_t stream);

} // namespace ponder::kernels::cuda
