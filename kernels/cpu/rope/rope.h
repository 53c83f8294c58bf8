#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/cpu/cpu.h"
#include "kernels/types/rope_params.h"
#include "kernels/types/views.h"

namespace ponder::kernels {

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
    float m_attentionFactor;
    std::vector<float> m_frequencies;
    std::vector<float> m_cos; // [tokens, dim / 2]
    std::vector<float> m_sin;
};

/// Rotates x: [tokens, heads, dim], f32, in place; token t by angles' row t.
/// The key's single head is heads = 1. Precondition: x.cols == angles.dim(), x.tokens == angles.tokens().
void rope(Cpu& cpu, const RopeAngles& angles, RopeLayout layout, const HeadRows& x);

} // namespace ponder::kernels
