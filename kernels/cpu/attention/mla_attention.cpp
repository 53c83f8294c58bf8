#include "kernels/cpu/attention/mla_attention.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "kernels/cpu/dispatch/kernel_table.h"

namespace ponder::kernels {

namespace {

// The softmax over positions is computed in spans of kMlaSpan, always cut at the same places, and a
// token's spans are merged in order. So it makes no difference who computed them, and when.

// Some heads of one token over the positions so far.
struct Partial {
    float* max; // [heads]
    float* sum; // [heads]
    float* out; // [heads, rank]
};

void merge(const Partial& total, const Partial& next, std::size_t heads, std::size_t rank)
{
    for (std::size_t h = 0; h < heads; ++h) {
        const float largest = std::max(total.max[h], next.max[h]);
        const float a = std::exp(total.max[h] - largest);
        const float b = std::exp(next.max[h] - largest);
        total.max[h] = largest;
        total.sum[h] = total.sum[h] * a + next.sum[h] * b;
        float* out = total.out + h * rank;
        const float* other = next.out + h * rank;
        for (std::size_t i = 0; i < rank; ++i) {
            out[i] = out[i] * a + other[i] * b;
        }
    }
}

// Floats that a Partial of so many heads takes.
std::size_t partialFloats(std::size_t heads, std::size_t rank)
{
    return heads * (rank + 2);
}

Partial partialAt(float* p, std::size_t heads)
{
    return {p, p + heads, p + 2 * heads};
}

} // namespace

struct MlaAttention::Workspace {
    std::vector<float> partials; // [token and head group, span, Partial]
    std::vector<float> totals; // [token and head group, Partial]
};

MlaAttention::MlaAttention()
    : m_work(std::make_unique<Workspace>())
{
}
MlaAttention::~MlaAttention() = default;
MlaAttention::MlaAttention(MlaAttention&&) noexcept = default;
MlaAttention& MlaAttention::operator=(MlaAttention&&) noexcept = default;

void MlaAttention::run(Cpu& cpu, const Params& params)
{
    const ConstHeadRows& q = params.q;
    const std::size_t rank = params.kvLoraRank;
    assert(params.cache.rows >= params.firstPosition + q.tokens && params.cache.cols == q.cols);
    assert(rank <= q.cols && params.out.tokens == q.tokens && params.out.heads == q.heads);
    if (q.tokens == 0) {
        return;
    }

    // Heads of a group share the latent rows while these are in the cache.
    constexpr std::size_t kTasksPerThread = 4;
    const std::size_t longest = params.firstPosition + q.tokens;
    const std::size_t spans = (longest + kMlaSpan - 1) / kMlaSpan;
    const std::size_t enough = kTasksPerThread * cpu.threads();
    std::size_t group = std::min<std::size_t>(q.heads, 16);
    while (group > 4 && q.tokens * ((q.heads + group - 1) / group) * spans < enough) {
        group = (group + 1) / 2;
    }
    const std::size_t groups = (q.heads + group - 1) / group;
    const std::size_t rows = q.tokens * groups; // of the tables below
    // Spans at a time: one when tokens and heads alone keep every thread busy.
    const std::size_t wave = std::min(spans, std::max<std::size_t>(1, (enough + rows - 1) / rows));

    const std::size_t size = partialFloats(group, rank);
    std::vector<float>& partials = m_work->partials;
    std::vector<float>& totals = m_work->totals;
    partials.resize(std::max(partials.size(), wave > 1 ? rows * wave * size : 0));
    totals.resize(std::max(totals.size(), wave > 1 ? rows * size : 0));
    cpu.reserveScratch((group * kMlaSpan + 2 * size) * sizeof(float));

    const auto headsOf
        = [&](std::size_t row) { return std::min(group, q.heads - row % groups * group); };
    const auto visible = [&](std::size_t row) { return params.firstPosition + row / groups + 1; };
    const auto computeSpan
        = [&](std::size_t row, std::size_t span, const Partial& p, float* scores) {
              const std::size_t first = span * kMlaSpan;
              const std::size_t head = row % groups * group;
              MlaSpan s{};
              s.q = q.at(row / groups, head);
              s.qStride = q.headStride;
              s.cache = params.cache.row(first);
              s.cacheStride = params.cache.stride;
              s.heads = headsOf(row);
              s.positions = std::min(kMlaSpan, visible(row) - first);
              s.keyDim = q.cols;
              s.rank = rank;
              s.scale = params.scale;
              s.max = p.max;
              s.sum = p.sum;
              s.out = p.out;
              s.scores = scores;
              cpu.kernels().mlaSpan(s);
          };
    const auto finish = [&](std::size_t row, const Partial& total) {
        for (std::size_t h = 0; h < headsOf(row); ++h) {
            float* out = params.out.at(row / groups, row % groups * group + h);
            for (std::size_t i = 0; i < rank; ++i) {
                out[i] = total.out[h * rank + i] / total.sum[h];
            }
        }
    };
    const auto spansOf = [&](std::size_t row) { return (visible(row) + kMlaSpan - 1) / kMlaSpan; };

    if (wave == 1) {
        cpu.pool().parallelFor(
            rows, 1, [&](std::size_t begin, std::size_t end, std::size_t worker) {
                auto* scores = reinterpret_cast<float*>(cpu.scratch(worker));
                const Partial total = partialAt(scores + group * kMlaSpan, group);
                const Partial next = partialAt(scores + group * kMlaSpan + size, group);
                for (std::size_t row = begin; row < end; ++row) {
                    computeSpan(row, 0, total, scores);
                    for (std::size_t span = 1; span < spansOf(row); ++span) {
                        computeSpan(row, span, next, scores);
                        merge(total, next, headsOf(row), rank);
                    }
                    finish(row, total);
                }
            });
        return;
    }

    for (std::size_t first = 0; first < spans; first += wave) {
        const std::size_t count = std::min(wave, spans - first);
        cpu.pool().parallelFor(
            rows * count, 1, [&](std::size_t begin, std::size_t end, std::size_t worker) {
                auto* scores = reinterpret_cast<float*>(cpu.scratch(worker));
                for (std::size_t task = begin; task < end; ++task) {
                    const std::size_t row = task / count;
                    const std::size_t i = task % count;
                    if (first + i < spansOf(row)) {
                        computeSpan(row, first + i,
                            partialAt(partials.data() + (row * wave + i) * size, group), scores);
                    }
                }
            });
        cpu.pool().parallelFor(rows, 1, [&](std::size_t begin, std::size_t end, std::size_t) {
            for (std::size_t row = begin; row < end; ++row) {
                const Partial total = partialAt(totals.data() + row * size, group);
                for (std::size_t i = 0; i < count && first + i < spansOf(row); ++i) {
                    float* part = partials.data() + (row * wave + i) * size;
                    if (first + i == 0) {
                        std::copy_n(part, size, total.max);
                    } else {
                        merge(total, partialAt(part, group), headsOf(row), rank);
                    }
                }
                if (spansOf(row) > first && spansOf(row) <= first + count) {
                    finish(row, total);
                }
            }
        });
    }
}

} // namespace ponder::kernels
