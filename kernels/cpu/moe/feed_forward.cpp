#include "kernels/cpu/moe/feed_forward.h"

#include <algorithm>
#include <cassert>
#include <vector>

#include "kernels/cpu/matmul/rows_driver.h"
#include "kernels/cpu/parallel/grain.h"

// A layer of experts, in five steps:
//
//   permute        tokens sorted by expert, so that an expert's weights are read once for all its tokens
//   groupedGateUp  gate x and up x, expert by expert
//   activate       hidden = activation(gate x + bias, up x + bias)
//   groupedDown    down hidden, expert by expert
//   combine        a token's sum over its experts, each times its weight
//
// A row below is one (token, expert) pair, in the order that permute() makes. A dense layer is one expert that
// computes every token.

namespace ponder::kernels {

namespace {

/// The rows of one expert are contiguous: first to first + count - 1.
struct ExpertRows {
    std::size_t expert;
    std::size_t first;
    std::size_t count;
};

constexpr std::size_t kNoRow = ~std::size_t{0}; // of a pair whose expert is computed elsewhere

/// Which experts compute a token, and what their results are multiplied by.
struct Choices {
    std::span<const std::int32_t> ids = {}; // [tokens, used]; empty: expert 0 for every token
    std::span<const float> weights = {}; // [tokens, used]; empty: 1
    std::size_t used = 1;
};

/// Some columns of the output: left to left + count - 1.
struct Columns {
    std::size_t left;
    std::size_t count;
};

} // namespace

struct FeedForward::Workspace {
    std::vector<std::size_t> ends; // [experts + 1], of permute() alone
    std::vector<std::size_t> rowOf; // [tokens, used]: the pair's row, or kNoRow
    std::vector<ExpertRows> groups; // of the experts that have rows, in their order
    std::size_t rows = 0; // tokens * used
    std::vector<ActivationBlock> hiddenBlocks; // [rows, ff / 32], for a quantised down
    std::vector<float> hidden; // [rows, ff], for a float down
    std::vector<float> partial; // [rows, columns of out at a time]
    RowPointers at; // by row

    void run(Cpu& cpu, const ExpertWeights& w, const Activations& x, const Choices& choices,
        FloatRows out, bool accumulate);

private:
    /// Whether down reads blocks of activations, not floats.
    [[nodiscard]] bool packs() const { return hidden.empty(); }
    void permute(const ExpertWeights& w, const Activations& x, const Choices& choices);
    void groupedGateUp(Cpu& cpu, const ExpertWeights& w);
    void activate(const KernelTable& kernels, const ExpertWeights& w, const ExpertRows& group,
        Columns part, float* gate, float* up, std::size_t stride);
    void groupedDown(Cpu& cpu, const WeightStack& down, Columns part, std::size_t rowsOfTask,
        std::size_t stride);
    void combine(Cpu& cpu, const ExpertWeights& w, const Choices& choices, Columns part,
        std::size_t stride, FloatRows out, bool accumulate) const;
};

/// Sorts the pairs by expert (a counting sort, so tokens keep their order) and points `at` at their inputs.
void FeedForward::Workspace::permute(
    const ExpertWeights& w, const Activations& x, const Choices& choices)
{
    groups.clear();
    rowOf.resize(rows);
    if (choices.ids.empty()) {
        groups.push_back({0, 0, rows});
        for (std::size_t i = 0; i < rows; ++i) {
            rowOf[i] = i;
        }
    } else {
        const std::size_t experts = w.gate.count;
        ends.assign(experts + 1, 0);
        for (const std::int32_t id : choices.ids) {
            assert(id < 0 || static_cast<std::size_t>(id) < experts);
            if (id >= 0) {
                ++ends[static_cast<std::size_t>(id) + 1];
            }
        }
        for (std::size_t e = 0; e < experts; ++e) {
            const std::size_t count = ends[e + 1];
            ends[e + 1] += ends[e];
            if (count > 0) {
                groups.push_back({e, ends[e], count});
            }
        }
        for (std::size_t i = 0; i < rows; ++i) {
            const std::int32_t id = choices.ids[i];
            rowOf[i] = id < 0 ? kNoRow : ends[static_cast<std::size_t>(id)]++;
        }
    }
    at.resize(rows, w.gate.type, w.up.type);
    for (std::size_t i = 0; i < rows; ++i) {
        if (rowOf[i] != kNoRow) {
            at.setX(rowOf[i], x, i / choices.used);
        }
    }
}

/// gate x and up x of every row, and then their activation: a task is one expert and a multiple of 32 rows of
/// its matrices, so that it can pack what it has made while that is in the cache.
void FeedForward::Workspace::groupedGateUp(Cpu& cpu, const ExpertWeights& w)
{
    const std::size_t ff = w.gate.rows;
    const bool isQuantised = traits(w.down.type).quantised;
    hiddenBlocks.resize(
        isQuantised ? std::max(hiddenBlocks.size(), rows * ff / kActivationBlock) : 0);
    hidden.resize(isQuantised ? 0 : std::max(hidden.size(), rows * ff));

    const std::size_t step = rowsPerTask(cpu, groups.size(), ff, kActivationBlock);
    const std::size_t tasksPerGroup = (ff + step - 1) / step;
    std::size_t longest = 0;
    for (const ExpertRows& group : groups) {
        longest = std::max(longest, group.count);
    }
    // Scratch of a thread: the product's own; the results of gate and up, [count, step] each; and pointers to
    // the rows of one of them.
    const std::size_t product = std::max(
        rowsScratch(cpu, w.gate.type, w.gate.cols), rowsScratch(cpu, w.up.type, w.up.cols));
    const std::size_t productAligned = (product + 63) / 64 * 64;
    const std::size_t results = longest * step;
    const std::size_t pointers = productAligned + 2 * results * sizeof(float);
    cpu.reserveScratch(pointers + longest * sizeof(float*));

    cpu.pool().parallelFor(groups.size() * tasksPerGroup, 1,
        [&](std::size_t begin, std::size_t end, std::size_t worker) {
            std::byte* scratch = cpu.scratch(worker);
            auto* gates = reinterpret_cast<float*>(scratch + productAligned);
            float* ups = gates + results;
            auto** y = reinterpret_cast<float**>(scratch + pointers);
            for (std::size_t task = begin; task < end; ++task) {
                const ExpertRows& group = groups[task / tasksPerGroup];
                const std::size_t left = task % tasksPerGroup * step;
                const Columns part{left, std::min(step, ff - left)};
                const auto multiply = [&](const WeightStack& stack, float* result) {
                    for (std::size_t i = 0; i < group.count; ++i) {
                        y[i] = result + i * step;
                    }
                    runRows(cpu, stack.matrix(group.expert), part.left, part.count,
                        at.inputs(group.first), {y, 0}, group.count, scratch);
                };
                multiply(w.gate, gates);
                multiply(w.up, ups);
                activate(cpu.kernels(), w, group, part, gates, ups, step);
            }
        });
}

/// hidden = activation(gate + bias, up + bias) of some columns of an expert's rows, in the form that down reads.
/// gate, up: [group.count, part.count], rows `stride` floats apart; overwritten.
void FeedForward::Workspace::activate(const KernelTable& kernels, const ExpertWeights& w,
    const ExpertRows& group, Columns part, float* gate, float* up, std::size_t stride)
{
    const std::size_t ff = w.gate.rows;
    const std::size_t bias = group.expert * ff + part.left;
    for (std::size_t i = 0; i < group.count; ++i, gate += stride, up += stride) {
        if (!w.gateBias.empty()) {
            kernels.addScaled(1.0f, w.gateBias.data() + bias, part.count, gate);
        }
        if (!w.upBias.empty()) {
            kernels.addScaled(1.0f, w.upBias.data() + bias, part.count, up);
        }
        const std::size_t place = (group.first + i) * ff + part.left;
        float* h = packs() ? gate : hidden.data() + place;
        if (w.activation.kind == Activation::Kind::SwiGlu) {
            kernels.siluMul(gate, up, part.count, h);
        } else {
            kernels.clampedSwiGlu(gate, up, part.count, w.activation.alpha, w.activation.limit, h);
        }
        if (packs()) {
            kernels.quantize(h, part.count, hiddenBlocks.data() + place / kActivationBlock);
        }
    }
}

/// partial = down hidden, of some columns of the output: [rows, part.count], rows `stride` floats apart.
void FeedForward::Workspace::groupedDown(
    Cpu& cpu, const WeightStack& down, Columns part, std::size_t rowsOfTask, std::size_t stride)
{
    const std::size_t tasksPerGroup = (part.count + rowsOfTask - 1) / rowsOfTask;
    for (std::size_t row = 0; row < rows; ++row) {
        at.y[row] = partial.data() + row * stride;
    }
    cpu.pool().parallelFor(groups.size() * tasksPerGroup, 1,
        [&](std::size_t begin, std::size_t end, std::size_t worker) {
            for (std::size_t task = begin; task < end; ++task) {
                const ExpertRows& group = groups[task / tasksPerGroup];
                const std::size_t first = task % tasksPerGroup * rowsOfTask;
                runRows(cpu, down.matrix(group.expert).slice(part.left, part.count), first,
                    std::min(rowsOfTask, part.count - first), at.inputs(group.first),
                    {at.y.data() + group.first, first}, group.count, cpu.scratch(worker));
            }
        });
}

/// out (+)= the sum over a token's experts, in the order of its choices, of weight * (partial + bias).
void FeedForward::Workspace::combine(Cpu& cpu, const ExpertWeights& w, const Choices& choices,
    Columns part, std::size_t stride, FloatRows out, bool accumulate) const
{
    const std::size_t used = choices.used;
    const KernelTable& kernels = cpu.kernels();
    const auto addExpert = [&](std::size_t pair, float* y) {
        const float weight = choices.weights.empty() ? 1.0f : choices.weights[pair];
        kernels.addScaled(weight, partial.data() + rowOf[pair] * stride, part.count, y);
        if (!w.downBias.empty()) {
            const auto expert
                = choices.ids.empty() ? 0 : static_cast<std::size_t>(choices.ids[pair]);
            kernels.addScaled(
                weight, w.downBias.data() + expert * w.down.rows + part.left, part.count, y);
        }
    };
    cpu.pool().parallelFor(out.rows, rowGrain(part.count * used),
        [&](std::size_t begin, std::size_t end, std::size_t) {
            for (std::size_t t = begin; t < end; ++t) {
                float* y = out.row(t) + part.left;
                if (!accumulate) {
                    std::fill_n(y, part.count, 0.0f);
                }
                for (std::size_t pair = t * used; pair < (t + 1) * used; ++pair) {
                    if (rowOf[pair] != kNoRow) {
                        addExpert(pair, y);
                    }
                }
            }
        });
}

void FeedForward::Workspace::run(Cpu& cpu, const ExpertWeights& w, const Activations& x,
    const Choices& choices, FloatRows out, bool accumulate)
{
    const WeightStack& down = w.down;
    const std::size_t ff = w.gate.rows;
    const std::size_t d = down.rows;
    assert(out.rows == x.rows() && out.cols == d);
    assert(w.gate.cols == x.cols() && w.up.cols == x.cols() && w.up.rows == ff && down.cols == ff);
    assert(w.gateBias.empty() || w.gateBias.size() == w.gate.count * ff);
    assert(w.upBias.empty() || w.upBias.size() == w.up.count * ff);
    assert(w.downBias.empty() || w.downBias.size() == down.count * d);
    assert(x.hasBlocks() || !(traits(w.gate.type).quantised || traits(w.up.type).quantised));
    rows = x.rows() * choices.used;
    if (rows == 0) {
        return;
    }
    permute(w, x, choices);
    groupedGateUp(cpu, w);

    at.resize(rows, down.type);
    for (std::size_t row = 0; row < rows; ++row) {
        if (packs()) {
            at.blocks[row] = hiddenBlocks.data() + row * ff / kActivationBlock;
        } else {
            at.floats[row] = hidden.data() + row * ff;
        }
    }
    cpu.reserveScratch(rowsScratch(cpu, down.type, down.cols));
    // Some columns of the output at a time: `partial` has a row for each expert of each token, and is at most
    // 16 MiB, whatever the batch.
    constexpr std::size_t kMaxPartial = std::size_t{4} << 20; // floats
    const std::size_t step = rowsPerTask(cpu, groups.size(), d, 1);
    const std::size_t width = std::min(d, std::max(step, kMaxPartial / rows / step * step));
    partial.resize(std::max(partial.size(), rows * width));
    for (std::size_t left = 0; left < d; left += width) {
        const Columns part{left, std::min(width, d - left)};
        groupedDown(cpu, down, part, step, width);
        combine(cpu, w, choices, part, width, out, accumulate);
    }
}

FeedForward::FeedForward()
    : m_work(std::make_unique<Workspace>())
{
}
FeedForward::~FeedForward() = default;
FeedForward::FeedForward(FeedForward&&) noexcept = default;
FeedForward& FeedForward::operator=(FeedForward&&) noexcept = default;

void FeedForward::dense(
    Cpu& cpu, const ExpertWeights& w, const Activations& x, FloatRows out, bool accumulate)
{
    m_work->run(cpu, w, x, {}, out, accumulate);
}

void FeedForward::experts(Cpu& cpu, const ExpertWeights& w, const Activations& x,
    std::span<const std::int32_t> ids, std::span<const float> weights, std::size_t used,
    FloatRows out, bool accumulate)
{
    assert(ids.size() == x.rows() * used && weights.size() == ids.size());
    m_work->run(cpu, w, x, {ids, weights, used}, out, accumulate);
}

} // namespace ponder::kernels
