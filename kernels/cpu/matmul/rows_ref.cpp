#include <cmath>

#include "kernels/cpu/dispatch/reference.h"
#include "kernels/cpu/quant/formats/format.h"
#include "kernels/types/views.h"

namespace ponder::kernels::reference {

// The order of these sums is the rule for every variant: see README.md in this folder.

std::size_t scratchBytes(std::size_t, std::size_t cols)
{
    // A row as groups, or as floats.
    const std::size_t groups = (cols + 31) / 32 * sizeof(WeightGroup);
    const std::size_t floats = cols * sizeof(float);
    return groups > floats ? groups : floats;
}

namespace {

/// Products of 16 weights with 16 activations from place first on.
std::int32_t dot16(const std::int8_t* w, const ActivationBlock& x, int first)
{
    std::int32_t sum = 0;
    for (int i = 0; i < 16; ++i) {
        sum += w[i] * (x.high[first + i] * (1 << kActivationLowBits) + x.low[first + i]);
    }
    return sum;
}

float quantisedDot(
    const Format& f, const WeightGroup* w, const ActivationBlock* x, std::size_t groups)
{
    float sum = 0;
    for (std::size_t g = 0; g < groups; ++g) {
        const std::int32_t first = dot16(w[g].q, x[g], 0);
        const std::int32_t second = dot16(w[g].q + 16, x[g], 16);
        if (f.twoScales) {
            sum = std::fma(static_cast<float>(first) * x[g].scale, w[g].scale[0], sum);
            sum = std::fma(static_cast<float>(second) * x[g].scale, w[g].scale[1], sum);
        } else {
            sum = std::fma(static_cast<float>(first + second) * x[g].scale, w[g].scale[0], sum);
        }
        if (f.mins == 1) {
            sum = std::fma(-w[g].min[0], x[g].sum, sum);
        }
        for (int half = 0; f.mins == 2 && half < 2; ++half) {
            const float activations = x[g].scale * static_cast<float>(x[g].halfSums[half]);
            sum = std::fma(-w[g].min[half], activations, sum);
        }
    }
    return sum;
}

float floatDot(const float* w, const float* x, std::size_t cols)
{
    float lanes[16] = {};
    for (std::size_t c = 0; c < cols; ++c) {
        lanes[c % 16] = std::fma(w[c], x[c], lanes[c % 16]);
    }
    for (int width = 8; width > 0; width /= 2) {
        for (int i = 0; i < width; ++i) {
            lanes[i] += lanes[i + width];
        }
    }
    return lanes[0];
}

} // namespace

void quantisedRows(TensorType type, const RowsProduct& p)
{
    const Format& f = format(type);
    const TensorTraits& t = traits(type);
    const std::size_t blocks = p.cols / t.weightsPerBlock;
    const std::size_t groupsPerBlock = t.weightsPerBlock / 32;
    auto* groups = reinterpret_cast<WeightGroup*>(p.scratch);
    for (std::size_t r = 0; r < p.rows; ++r) {
        const std::byte* row = p.w + r * p.rowStride;
        for (std::size_t b = 0; b < blocks; ++b) {
            f.unpack(row + b * t.bytesPerBlock, groups + b * groupsPerBlock);
        }
        for (std::size_t i = 0; i < p.tokens; ++i) {
            p.y[i][p.yOffset + r] = quantisedDot(f, groups, p.blocks[i], p.cols / 32);
        }
    }
}

void floatRows(TensorType type, const RowsProduct& p)
{
    auto* row = reinterpret_cast<float*>(p.scratch);
    for (std::size_t r = 0; r < p.rows; ++r) {
        const float* scales = p.scales == nullptr
            ? nullptr
            : p.scales + (p.firstRow + r) / kScaleBlock * p.scaleStride;
        dequantizeRow(type, p.w + r * p.rowStride, scales, p.cols, row);
        for (std::size_t i = 0; i < p.tokens; ++i) {
            p.y[i][p.yOffset + r] = floatDot(row, p.floats[i], p.cols);
        }
    }
}

} // namespace ponder::kernels::reference
