#pragma once

#include <cstddef>

#include "kernels/cuda/attention/cache.h"
#include "kernels/cuda/runtime/limits.h"
#include "kernels/cuda/runtime/memory.h"
#include "kernels/cuda/runtime/status.h"
#include "kernels/cuda/runtime/step_state.h"
#include "kernels/types/views.h"

namespace ponder::kernels::cuda {

/// Causal attention over a cache, as kernels/cpu/attention: head h looks at the cache's head
/// h * kvHeads / heads; MLA in absorbed form is one cached head whose row is key and value at once
/// (it is then read once for both).
struct AttentionStep {
    ConstHeadRows q; ///< [tokens, heads, keyDim], f32, rotated, on the device
    CacheRows keys; ///< [context, kvHeads, keyDim]; this batch's rows included
    CacheRows values; ///< [context, kvHeads, valueDim]; may lie in the keys' rows
    const StepState* state = nullptr; ///< token t sees positions up to state->position + t
    std::size_t window = 0; ///< only the last `window` of these; 0: all
    float scale = 1.0f; ///< times q·k before the softmax
    const float* sinks = nullptr; ///< [heads], f32, on the device, or null
    HeadRows out; ///< [tokens, heads, valueDim], f32, on the device

    // Where keys come in pieces, one step a piece, from the first on, over one workspace that nothing else
    // uses in between. The steps are alike but for keys and values, whose positions are then what is there.
    std::size_t firstPosition = 0; ///< of the piece
    bool begins = true; ///< the first piece
    bool ends = true; ///< the last: out is written
};

/// Device memory between the launches of an attention step, aligned to 16 bytes.
struct AttentionRoom {
    float* data = nullptr;
    std::size_t floats = 0;
    DeviceLimits limits = {.multiprocessors = 1}; ///< of the device
};

/// Such memory; one for all layers of a stream.
class AttentionWorkspace {
public:
    AttentionWorkspace() = default;

    /// Memory for every step with up to this many tokens, heads and value dimensions.
    [[nodiscard]] static Outcome<AttentionWorkspace> create(
        std::size_t tokens, std::size_t heads, std::size_t valueDim, const DeviceLimits& limits);
    /// Bytes that create() takes of the device.
    [[nodiscard]] static std::size_t bytes(
        std::size_t tokens, std::size_t heads, std::size_t valueDim, int multiprocessors);

    [[nodiscard]] AttentionRoom room() const
    {
        return {m_partials.data(), m_partials.size(), m_limits};
    }

private:
    DeviceArray<float> m_partials;
    DeviceLimits m_limits{.multiprocessors = 1};
};

/// One token or a few (decoding): the positions are divided among a fixed number of blocks, whose
/// results a second kernel joins. Many (a prompt): every block has some rows of queries and walks
/// over the positions. Launches depend on the sizes of p alone, never on the position, so they can be
/// recorded. FP32 accumulation. Out is written for every token.
/// Precondition: 1 <= tokens; state->position + tokens <= keys.positions; keyDim, valueDim <= 768;
/// workspace made for these sizes.
Status attention(const AttentionStep& p, const AttentionWorkspace& workspace, cudaStream_t stream);

/// The same in any memory, which decides among how many blocks the positions are divided. Keys in pieces need
/// leastFloats() at least, others none.
Status attention(const AttentionStep& p, const AttentionRoom& room, cudaStream_t stream);
/// Whether a GPU's blocks have enough shared memory for attention over these rows.
[[nodiscard]] bool attentionFits(
    const CacheRows& keys, const CacheRows& values, const DeviceLimits& limits);
[[nodiscard]] constexpr std::size_t leastFloats(
    std::size_t tokens, std::size_t heads, std::size_t valueDim)
{
    return tokens * heads * (valueDim + 2);
}

} // namespace ponder::kernels::cuda
