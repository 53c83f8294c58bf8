#pragma once

#include <cstddef>

#include "kernels/cuda/attention/attention.h"

namespace ponder {

/// When the attention of a prompt makes each head's keys and values out of MLA's latents instead of meeting
/// the latents themselves, and how many at once.
struct PromptOptions {
    std::size_t fewestTokens = 128; ///< of a batch; with fewer it is not worth its launches
    std::size_t mostPositions = 4096; ///< expanded at once
    std::size_t fewestPositions = 128; ///< nor with room for fewer than these, where there are more
    bool weighsCost = true; ///< false: whenever there are tokens and room enough
};

/// A batch in an MLA layer.
struct PromptShape {
    std::size_t tokens = 0, position = 0; ///< of the first
    std::size_t heads = 0, nopeDim = 0, ropeDim = 0, valueDim = 0, rank = 0;
    bool keysApart = false; ///< attn_k_b, whose rows are latents' numbers; else one attn_kv_b
};

/// What both forms cost, in multiplications of bfloat16 numbers on tensor cores. A product of the file's
/// quantised weights costs as much (two of bytes at twice the rate), one of BF16 weights three times that,
/// one in f32 without tensor cores sixteen times, and a byte of memory, read or written, kByte.
struct PromptCost {
    static constexpr double kByte = 64;
    double latents = 0, expanded = 0;
};
[[nodiscard]] PromptCost promptCost(const PromptShape& shape);

/// Memory of an expanded prompt.
struct Expansion {
    std::size_t positions = 0; ///< in a piece
    void* keyWeights = nullptr; ///< attn_k_b from the other side; null where keys are not apart
    float* latents = nullptr; ///< [positions, rank]
    float* products = nullptr; ///< [positions, heads * (nopeDim + valueDim)]
    std::byte* keys = nullptr; ///< [heads][positions, nopeDim + ropeDim]
    std::byte* values = nullptr; ///< [heads][positions, valueDim]
    kernels::cuda::AttentionRoom partials;
};

/// Divides `bytes` of memory, aligned to 256: positions is 0 where not one fits. numberBytes: of a key's or
/// value's number.
[[nodiscard]] Expansion divideExpansion(const PromptShape& shape, std::size_t numberBytes,
    std::size_t mostPositions, std::byte* memory, std::size_t bytes);

} // namespace ponder
