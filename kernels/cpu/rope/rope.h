#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/cpu/cpu.h"
#include "kernels/cpu/views.h"

namespace ponder::kernels {

/// YaRN (Peng et al. 2023, as in DeepSeek's modeling code). factor 1 is plain RoPE.
struct RopeParams {
    std::size_t dim = 64; ///< numbers rotated, even
    float base = 10000.0f;
    std::span<const float> slowdown
        = {}; ///< [dim / 2] or empty: each pair's frequency is divided by it
    float factor = 1.0f; ///< rope.scaling.factor
    float originalContext = 4096.0f; ///< rope.scaling.original_context_length
    float betaFast = 32.0f;
    float betaSlow = 1.0f;
    bool wholeDimensions
        = true; ///< where blending begins and ends is rounded outwards (gpt-oss: not)
    float magnitude = 1.0f; ///< times cos and sin; 1 for the published DeepSeek models
};

/// Cosines and sines of a batch's positions, made once and used by every layer.
class RopeAngles {
public:
    explicit RopeAngles(const RopeParams& params);

    /// Makes ready for these positions: row t of cos() and sin() belongs to positions[t].
    void setPositions(std::span<const std::int32_t> positions);

    [[nodiscard]] std::size_t dim() const { return m_dim; }
    [[nodiscard]] std::size_t tokens() const { return m_tokens; }
    [[nodiscard]] const float* cos(std::size_t t) const { return m_cos.data() + t * (m_dim / 2); }
    [[nodiscard]] const float* sin(std::size_t t) const { return m_sin.data() + t * (m_dim / 2); }
    /// Radians a position, [dim / 2]
    [[nodiscard]] std::span<const float> frequencies() const { return m_frequencies; }

private:
    std::size_t m_dim;
    std::size_t m_tokens = 0;
    float m_magnitude;
    std::vector<float> m_frequencies;
    std::vector<float> m_cos; // [tokens, dim / 2]
    std::vector<float> m_sin;
};

enum class RopeStyle {
    Interleaved, ///< pairs (0, 1), (2, 3), …: DeepSeek's and Llama's files
    Halves, ///< pairs (0, dim/2), (1, dim/2 + 1), …: NeoX, Qwen
};

/// Rotates x: [tokens, heads, dim], f32, in place; token t by angles' row t.
/// The key's single head is heads = 1. Precondition: x.cols == angles.dim(), x.tokens == angles.tokens().
void rope(Cpu& cpu, const RopeAngles& angles, RopeStyle style, const HeadRows& x);

} // namespace ponder::kernels
