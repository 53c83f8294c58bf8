#pragma once

#include <cstddef>
#include <vector>

#include "kernels/cpu/cpu.h"
#include "kernels/cpu/quant/activations.h"
#include "kernels/cpu/rope/rope.h"
#include "kernels/types/views.h"

namespace ponder {

/// Working memory that keeps its size from one batch to the next.
class Buffer {
public:
    kernels::FloatRows rows(std::size_t count, std::size_t cols)
    {
        if (m_floats.size() < count * cols)
            m_floats.resize(count * cols);
        return {m_floats.data(), count, cols};
    }
    kernels::HeadRows heads(std::size_t tokens, std::size_t count, std::size_t cols)
    {
        return {rows(tokens, count * cols).data, tokens, count, cols, count * cols, cols};
    }

private:
    std::vector<float> m_floats;
};

/// Columns first to first + cols - 1 of every head.
[[nodiscard]] inline kernels::HeadRows part(
    const kernels::HeadRows& all, std::size_t first, std::size_t cols)
{
    return {all.data + first, all.tokens, all.heads, cols, all.tokenStride, all.headStride};
}

/// The heads of each token as one row; they lie together.
[[nodiscard]] inline kernels::FloatRows flat(const kernels::HeadRows& heads)
{
    return {heads.data, heads.tokens, heads.heads * heads.cols};
}

/// Arguments of an attention layer on the CPU: one layer, one batch.
struct CpuStep {
    kernels::Cpu& cpu;
    const kernels::Activations& input; // [tokens, hidden], packed, after the norm
    const kernels::RopeAngles& angles; // of the batch's positions
    kernels::HeadRows keys, values; // the layer's cache, [context, heads, dim]
    std::size_t tokens = 0;
    std::size_t position = 0; // of the first token
    float normEpsilon = 0;
};

} // namespace ponder
