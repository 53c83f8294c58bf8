#include "kernels/cpu/attention/attention.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "kernels/cpu/dispatch/kernel_table.h"

namespace ponder::kernels {

namespace {

// The softmax over positions is computed in spans of kAttentionSpan, always cut at the same places,
// and a row's spans are merged in order. So it makes no difference who computed them, and when.

// Some query rows (heads of one or more tokens) over the positions so far. A row that has seen
// nothing yet has the sum 0.
struct Partial {
    float* max; // [rows]
    float* sum; // [rows]
    float* out; // [rows, valueDim]
};

std::size_t partialFloats(std::size_t rows, std::size_t valueDim)
{
    return rows * (valueDim + 2);
}

Partial partialAt(float* p, std::size_t rows)
{
    return {p, p + rows, p + 2 * rows};
}

void merge(const Partial& total, const Partial& next, std::size_t rows, std::size_t valueDim)
{
    for (std::size_t r = 0; r < rows; ++r) {
        if (next.sum[r] == 0) {
            continue;
        }
        float* out = total.out + r * valueDim;
        const float* other = next.out + r * valueDim;
        if (total.sum[r] == 0) {
            total.max[r] = next.max[r];
            total.sum[r] = next.sum[r];
            std::copy_n(other, valueDim, out);
            continue;
        }
        const float largest = std::max(total.max[r], next.max[r]);
        const float a = std::exp(total.max[r] - largest);
        const float b = std::exp(next.max[r] - largest);
        total.max[r] = largest;
        total.sum[r] = total.sum[r] * a + next.sum[r] * b;
        for (std::size_t i = 0; i < valueDim; ++i) {
            out[i] = out[i] * a + other[i] * b;
        }
    }
}

// How a call is cut: a block is some heads of a group for some tokens that follow each other, and
// its query rows (token after token) share the keys and values while these are in the cache.
struct Cut {
    std::size_t heads; // of a block, at most
    std::size_t tokens;
    std::size_t headBlocks; // in a group
    std::size_t tokenBlocks;
    std::size_t blocks; // [kvHeads, headBlocks, tokenBlocks]: those that share keys in a row
    std::size_t firstSpan, spans; // spans of the whole call
    std::size_t wave; // spans computed side by side; one where blocks alone keep all threads busy

    [[nodiscard]] std::size_t rows() const { return heads * tokens; }
};

Cut cutUp(const Attention::Params& p, std::size_t threads)
{
    constexpr std::size_t kTasksPerThread = 4;
    constexpr std::size_t kMaxRows = 16;
    const std::size_t enough = kTasksPerThread * threads;
    const std::size_t group = p.q.heads / p.keys.heads;
    const std::size_t seen = p.firstPosition + 1;
    Cut cut{};
    cut.firstSpan = p.window > 0 && seen > p.window ? (seen - p.window) / kAttentionSpan : 0;
    cut.spans = (p.firstPosition + p.q.tokens + kAttentionSpan - 1) / kAttentionSpan;
    const std::size_t spans = cut.spans - cut.firstSpan;
    const auto blocks = [&] {
        cut.headBlocks = (group + cut.heads - 1) / cut.heads;
        cut.tokenBlocks = (p.q.tokens + cut.tokens - 1) / cut.tokens;
        return p.keys.heads * cut.headBlocks * cut.tokenBlocks;
    };
    cut.heads = std::min(group, kMaxRows);
    cut.tokens = 1;
    while (cut.heads > 4 && blocks() * spans < enough) {
        cut.heads = (cut.heads + 1) / 2;
    }
    cut.tokens = std::min(p.q.tokens, kMaxRows / cut.heads);
    while (cut.tokens > 1 && blocks() < enough) {
        cut.tokens /= 2;
    }
    cut.blocks = blocks();
    cut.wave = std::min(spans, std::max<std::size_t>(1, (enough + cut.blocks - 1) / cut.blocks));
    return cut;
}

// One block of a call.
class Block {
public:
    Block(const Attention::Params& params, const Cut& cut, std::size_t index)
        : m_params(params)
        , m_group(params.q.heads / params.keys.heads)
    {
        const std::size_t part = index / cut.tokenBlocks; // [kvHeads, headBlocks]
        const std::size_t first = part % cut.headBlocks * cut.heads;
        m_kvHead = part / cut.headBlocks;
        m_head = m_kvHead * m_group + first;
        m_heads = std::min(cut.heads, m_group - first);
        m_token = index % cut.tokenBlocks * cut.tokens;
        m_tokens = std::min(cut.tokens, params.q.tokens - m_token);
    }

    [[nodiscard]] std::size_t rows() const { return m_heads * m_tokens; }
    [[nodiscard]] std::size_t firstSpan() const { return begin(m_token) / kAttentionSpan; }
    [[nodiscard]] std::size_t lastSpan() const
    {
        return (end(m_token + m_tokens - 1) - 1) / kAttentionSpan;
    }

    /// The rows' queries side by side; queries: [rows, keyDim], filled where they are not.
    [[nodiscard]] ConstFloatRows gather(float* queries) const
    {
        const ConstHeadRows& q = m_params.q;
        if (m_tokens == 1) {
            return {q.at(m_token, m_head), m_heads, q.cols, q.headStride};
        }
        for (std::size_t r = 0; r < rows(); ++r) {
            std::copy_n(
                q.at(m_token + r / m_heads, m_head + r % m_heads), q.cols, queries + r * q.cols);
        }
        return {queries, rows(), q.cols};
    }

    /// What the rows see of one span. scores: [rows, kAttentionSpan], scratch.
    void compute(const KernelTable& kernels, const ConstFloatRows& q, std::size_t span,
        const Partial& result, float* scores) const
    {
        std::size_t t = 0;
        while (t < m_tokens) {
            // Tokens that see the same positions of the span.
            const std::size_t from = visibleFrom(t, span);
            const std::size_t to = visibleTo(t, span);
            const std::size_t first = t++;
            while (t < m_tokens && visibleFrom(t, span) == from && visibleTo(t, span) == to) {
                ++t;
            }
            const std::size_t row = first * m_heads;
            const std::size_t count = (t - first) * m_heads;
            if (from >= to) {
                std::fill_n(result.sum + row, count, 0.0f);
                continue;
            }
            AttentionSpan s{};
            s.q = q.row(row);
            s.qStride = q.stride;
            s.keys = m_params.keys.at(from, m_kvHead);
            s.keyStride = m_params.keys.tokenStride;
            s.values = m_params.values.at(from, m_kvHead);
            s.valueStride = m_params.values.tokenStride;
            s.rows = count;
            s.positions = to - from;
            s.keyDim = m_params.keys.cols;
            s.valueDim = m_params.values.cols;
            s.scale = m_params.scale;
            s.max = result.max + row;
            s.sum = result.sum + row;
            s.out = result.out + row * s.valueDim;
            s.scores = scores;
            kernels.attentionSpan(s);
        }
    }

    void finish(const Partial& total) const
    {
        const std::size_t valueDim = m_params.values.cols;
        for (std::size_t r = 0; r < rows(); ++r) {
            const std::size_t head = m_head + r % m_heads;
            float a = 1;
            float sum = total.sum[r];
            if (!m_params.sinks.empty()) {
                const float largest = std::max(total.max[r], m_params.sinks[head]);
                a = std::exp(total.max[r] - largest);
                sum = sum * a + std::exp(m_params.sinks[head] - largest);
            }
            float* out = m_params.out.at(m_token + r / m_heads, head);
            for (std::size_t i = 0; i < valueDim; ++i) {
                out[i] = total.out[r * valueDim + i] * a / sum;
            }
        }
    }

private:
    // Positions that a token sees.
    [[nodiscard]] std::size_t end(std::size_t t) const { return m_params.firstPosition + t + 1; }
    [[nodiscard]] std::size_t begin(std::size_t t) const
    {
        return m_params.window > 0 && end(t) > m_params.window ? end(t) - m_params.window : 0;
    }
    // The same of a span, for the t-th token of the block.
    [[nodiscard]] std::size_t visibleFrom(std::size_t t, std::size_t span) const
    {
        return std::max(begin(m_token + t), span * kAttentionSpan);
    }
    [[nodiscard]] std::size_t visibleTo(std::size_t t, std::size_t span) const
    {
        return std::min(end(m_token + t), (span + 1) * kAttentionSpan);
    }

    const Attention::Params& m_params;
    std::size_t m_group, m_kvHead, m_head, m_heads, m_token, m_tokens;
};

} // namespace

struct Attention::Workspace {
    std::vector<float> partials; // [block, span of a wave, Partial]
    std::vector<float> totals; // [block, Partial]
};

Attention::Attention()
    : m_work(std::make_unique<Workspace>())
{
}
Attention::~Attention() = default;
Attention::Attention(Attention&&) noexcept = default;
Attention& Attention::operator=(Attention&&) noexcept = default;

void Attention::run(Cpu& cpu, const Params& params)
{
    const ConstHeadRows& q = params.q;
    const std::size_t valueDim = params.values.cols;
    assert(params.keys.tokens >= params.firstPosition + q.tokens && params.keys.cols == q.cols);
    assert(params.values.tokens >= params.firstPosition + q.tokens);
    assert(params.values.heads == params.keys.heads && q.heads % params.keys.heads == 0);
    assert(params.out.tokens == q.tokens && params.out.heads == q.heads);
    assert(params.out.cols == valueDim);
    assert(params.sinks.empty() || params.sinks.size() == q.heads);
    if (q.tokens == 0) {
        return;
    }
    const Cut cut = cutUp(params, cpu.threads());
    const std::size_t rows = cut.rows();
    const std::size_t size = partialFloats(rows, valueDim);
    const KernelTable& kernels = cpu.kernels();
    // Scratch: scores, queries, two partials.
    const std::size_t queriesAt = rows * kAttentionSpan;
    const std::size_t partialsAt = queriesAt + (cut.tokens > 1 ? rows * q.cols : 0);
    cpu.reserveScratch((partialsAt + 2 * size) * sizeof(float));

    if (cut.wave == 1) {
        cpu.pool().parallelFor(
            cut.blocks, 1, [&](std::size_t begin, std::size_t end, std::size_t worker) {
                auto* scratch = reinterpret_cast<float*>(cpu.scratch(worker));
                const Partial total = partialAt(scratch + partialsAt, rows);
                const Partial next = partialAt(scratch + partialsAt + size, rows);
                for (std::size_t i = begin; i < end; ++i) {
                    const Block block(params, cut, i);
                    const ConstFloatRows queries = block.gather(scratch + queriesAt);
                    block.compute(kernels, queries, block.firstSpan(), total, scratch);
                    for (std::size_t s = block.firstSpan() + 1; s <= block.lastSpan(); ++s) {
                        block.compute(kernels, queries, s, next, scratch);
                        merge(total, next, block.rows(), valueDim);
                    }
                    block.finish(total);
                }
            });
        return;
    }

    std::vector<float>& partials = m_work->partials;
    std::vector<float>& totals = m_work->totals;
    partials.resize(std::max(partials.size(), cut.blocks * cut.wave * size));
    totals.resize(std::max(totals.size(), cut.blocks * size));
    for (std::size_t first = cut.firstSpan; first < cut.spans; first += cut.wave) {
        const std::size_t count = std::min(cut.wave, cut.spans - first);
        cpu.pool().parallelFor(
            cut.blocks * count, 1, [&](std::size_t begin, std::size_t end, std::size_t worker) {
                auto* scratch = reinterpret_cast<float*>(cpu.scratch(worker));
                for (std::size_t task = begin; task < end; ++task) {
                    const std::size_t span = first + task % count;
                    const Block block(params, cut, task / count);
                    if (span >= block.firstSpan() && span <= block.lastSpan()) {
                        float* part
                            = partials.data() + (task / count * cut.wave + task % count) * size;
                        block.compute(kernels, block.gather(scratch + queriesAt), span,
                            partialAt(part, rows), scratch);
                    }
                }
            });
        cpu.pool().parallelFor(cut.blocks, 1, [&](std::size_t begin, std::size_t end, std::size_t) {
            for (std::size_t i = begin; i < end; ++i) {
                const Block block(params, cut, i);
                const Partial total = partialAt(totals.data() + i * size, rows);
                if (first == cut.firstSpan) {
                    std::fill_n(total.sum, rows, 0.0f);
                }
                for (std::size_t k = 0; k < count; ++k) {
                    if (first + k >= block.firstSpan() && first + k <= block.lastSpan()) {
                        float* part = partials.data() + (i * cut.wave + k) * size;
                        merge(total, partialAt(part, rows), block.rows(), valueDim);
                    }
                }
                if (block.lastSpan() >= first && block.lastSpan() < first + count) {
                    block.finish(total);
                }
            }
        });
    }
}

} // namespace ponder::kernels
