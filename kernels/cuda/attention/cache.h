#pragma once

#include <cstddef>

#include "kernels/cuda/rope/rope.h"
#include "kernels/cuda/runtime/status.h"
#include "kernels/cuda/runtime/step_state.h"
#include "kernels/types/cache_type.h"
#include "kernels/types/rope_params.h"
#include "kernels/types/views.h"

namespace ponder::kernels::cuda {

/// A layer's keys, values or latents of all positions, on the device: [positions, heads, cols].
/// Row (p, h) begins at byte p * positionBytes + h * headBytes of data; CacheRow says what is in it.
struct CacheRows {
    CacheType type = CacheType::Bf16;
    void* data = nullptr; ///< aligned to 4 bytes
    std::size_t positions = 0; ///< how many the memory holds
    std::size_t heads = 0;
    std::size_t cols = 0;
    std::size_t coarse
        = 0; ///< of Fp8: columns of the whole row that have one byte; the others are bf16
    std::size_t positionBytes = 0;
    std::size_t headBytes = 0;

    /// Contiguous rows, [heads][positions, cols]. The fast
    /// layout; keep data aligned to 16 bytes and cols a multiple of 8. fine: of Fp8, how many of the
    /// last columns stay in bf16. What is read of an Fp8 cache is up to 15 bytes more than its rows, on
    /// both sides, within multiples of 16.
    [[nodiscard]] static CacheRows packed(CacheType type, void* data, std::size_t positions,
        std::size_t heads, std::size_t cols, std::size_t fine = 0)
    {
        const std::size_t row = CacheRow::bytes(type, cols, fine);
        return {type, data, positions, heads, cols, cols - fine, row, positions * row};
    }
    /// The first count columns.
    [[nodiscard]] CacheRows firstCols(std::size_t count) const
    {
        CacheRows part = *this;
        part.cols = count;
        return part;
    }
};

/// The steps from an MLA layer's projections to its attention, in one launch.
struct MlaPrepare {
    ConstFloatRows latent; ///< [tokens, kvLoraRank + ropeDim], f32: the down projection's result
    const float* kvANorm = nullptr; ///< [kvLoraRank], f32
    float epsilon = 0;
    ConstHeadRows
        query; ///< [tokens, heads, ropeDim], f32: the heads' rope numbers, not yet rotated
    HeadRows
        rotated; ///< [tokens, heads, ropeDim], f32, written: the last columns of each absorbed query
    RopeAngles angles; ///< of the batch; pairs = ropeDim / 2
    RopeLayout layout = RopeLayout::Interleaved;
    const StepState* state = nullptr;
    CacheRows cache; ///< [context, 1, kvLoraRank + ropeDim]: rows position .. are written
};

/// Normalises the latents, rotates keys and queries, appends the batch's rows to the cache.
/// Everything on the device. Precondition: state->position + tokens <= cache.positions.
Status prepareMla(const MlaPrepare& p, cudaStream_t stream);
/// How many blocks of `threads` threads a token takes, where another kernel's blocks do it (prepare_mla.cuh).
[[nodiscard]] unsigned prepareParts(const MlaPrepare& p, unsigned threads);

/// The steps from a GQA layer's projections to its attention, in one launch.
struct GqaPrepare {
    HeadRows query; ///< [tokens, heads, keyDim], f32: normalised and rotated in place
    ConstHeadRows key; ///< [tokens, kvHeads, keyDim], f32
    ConstHeadRows value; ///< [tokens, kvHeads, valueDim], f32
    const float* queryBias = nullptr; ///< [heads * keyDim] or null: added first
    const float* keyBias = nullptr; ///< [kvHeads * keyDim] or null
    const float* valueBias = nullptr; ///< [kvHeads * valueDim] or null
    const float* queryNorm = nullptr; ///< [keyDim] or null: RMS norm of every head, before rotation
    const float* keyNorm = nullptr; ///< [keyDim] or null
    float epsilon = 0; ///< of the norms
    RopeAngles angles; ///< the first angles.dim() numbers of a head are rotated
    RopeLayout layout = RopeLayout::HalfSplit;
    const StepState* state = nullptr;
    CacheRows keys; ///< [context, kvHeads, keyDim]: rows position .. are written
    CacheRows values; ///< [context, kvHeads, valueDim]
};

/// Biases, norms, rotation, and the batch's rows of the cache. Everything on the device.
/// Precondition: state->position + tokens <= keys.positions.
Status prepareGqa(const GqaPrepare& p, cudaStream_t stream);

} // namespace ponder::kernels::cuda
