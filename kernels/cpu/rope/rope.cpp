#include "kernels/cpu/rope/rope.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

#include "kernels/cpu/parallel/grain.h"

namespace ponder::kernels {

namespace {

// The dimension whose wave turns this many times within the original context.
double dimensionOf(double turns, const RopeParams& p)
{
    return static_cast<double>(p.dim) * std::log(p.originalContext / (turns * 2 * std::numbers::pi))
        / (2 * std::log(p.base));
}

// Slow waves are stretched by factor, fast ones are kept, those between are blended.
std::vector<float> frequenciesOf(const RopeParams& p)
{
    const std::size_t pairs = p.dim / 2;
    const auto last = static_cast<double>(p.dim - 1);
    const double from = dimensionOf(p.betaFast, p);
    const double to = dimensionOf(p.betaSlow, p);
    const double low = std::max(p.yarnTruncate ? std::floor(from) : from, 0.0);
    double high = std::min(p.yarnTruncate ? std::ceil(to) : to, last);
    if (low == high) {
        high += 0.001;
    }
    std::vector<float> frequencies(pairs);
    for (std::size_t i = 0; i < pairs; ++i) {
        const double fast
            = std::pow(p.base, -2.0 * static_cast<double>(i) / static_cast<double>(p.dim))
            / (p.freqFactors.empty() ? 1.0 : static_cast<double>(p.freqFactors[i]));
        const double ramp = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
        const double stretched = fast / p.factor;
        frequencies[i]
            = static_cast<float>(p.factor == 1.0f ? fast : stretched * ramp + fast * (1 - ramp));
    }
    return frequencies;
}

} // namespace

RopeAngles::RopeAngles(const RopeParams& params)
    : m_dim(params.dim)
    , m_attentionFactor(params.attentionFactor)
    , m_frequencies(frequenciesOf(params))
{
    assert(params.dim % 2 == 0 && params.dim > 0);
    assert(params.freqFactors.empty() || params.freqFactors.size() == params.dim / 2);
}

void RopeAngles::setPositions(std::span<const std::int32_t> positions)
{
    m_tokens = positions.size();
    const std::size_t pairs = m_dim / 2;
    m_cos.resize(m_tokens * pairs);
    m_sin.resize(m_tokens * pairs);
    for (std::size_t t = 0; t < m_tokens; ++t) {
        for (std::size_t i = 0; i < pairs; ++i) {
            // The angle is rounded to float as in the published modeling code.
            const float angle = static_cast<float>(positions[t]) * m_frequencies[i];
            m_cos[t * pairs + i] = std::cos(angle) * m_attentionFactor;
            m_sin[t * pairs + i] = std::sin(angle) * m_attentionFactor;
        }
    }
}

void rope(Cpu& cpu, const RopeAngles& angles, RopeLayout layout, const HeadRows& x)
{
    assert(x.cols == angles.dim() && x.tokens == angles.tokens());
    const std::size_t pairs = angles.dim() / 2;
    const std::size_t step = layout == RopeLayout::Interleaved ? 2 : 1;
    const std::size_t partner = layout == RopeLayout::Interleaved ? 1 : pairs;
    cpu.pool().parallelFor(
        x.tokens, rowGrain(x.heads * x.cols), [&](std::size_t begin, std::size_t end, std::size_t) {
            for (std::size_t t = begin; t < end; ++t) {
                const float* cos = angles.cos(t);
                const float* sin = angles.sin(t);
                for (std::size_t h = 0; h < x.heads; ++h) {
                    float* row = x.at(t, h);
                    for (std::size_t i = 0; i < pairs; ++i) {
                        const float a = row[i * step];
                        const float b = row[i * step + partner];
                        row[i * step] = a * cos[i] - b * sin[i];
                        row[i * step + partner] = a * sin[i] + b * cos[i];
                    }
                }
            }
        });
}

} // namespace ponder::kernels
