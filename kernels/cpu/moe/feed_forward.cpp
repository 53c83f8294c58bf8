#include "kernels/cpu/moe/feed_forward.h"

#include <algorithm>
#include <cassert>
#include <vector>

#include "kernels/cpu/matmul/rows_driver.h"
#include "kernels/cpu/parallel/grain.h"

namespace ponder::kernels {

namespace {

// A (token, k) pair's place after sorting by expert: pairs of one expert lie side by side, so that
// its weights are read once for all of them.
struct ExpertRun {
    std::size_t expert;
    std::size_t first; // slot
    std::size_t count;
};

constexpr std::size_t kNoSlot = ~std::size_t{0}; // of a pair whose expert is computed elsewhere

} // namespace

struct FeedForward::Workspace {
    std::vector<std::int32_t> zeros; // ids and weights that make a dense layer a single expert
    std::vector<float> ones;
    std::vector<std::size_t> firstSlot; // [experts + 1]
    std::vector<std::size_t> slots; // [tokens, used] -> slot, or kNoSlot
    std::vector<ExpertRun> runs;
    std::vector<ActivationBlock> hiddenBlocks; // [slots, ff / 32], for a quantised down
    std::vector<float> hidden; // [slots, ff], for a float down
    std::vector<float> parts; // [slots, columns of out at a time]
    RowPointers at; // by slot

    void sort(std::span<const std::int32_t> ids, std::size_t expertCount);
};

void FeedForward::Workspace::sort(std::span<const std::int32_t> ids, std::size_t expertCount)
{
    firstSlot.assign(expertCount + 1, 0);
    for (const std::int32_t id : ids) {
        assert(id < 0 || static_cast<std::size_t>(id) < expertCount);
        if (id >= 0) {
            ++firstSlot[static_cast<std::size_t>(id) + 1];
        }
    }
    runs.clear();
    for (std::size_t e = 0; e < expertCount; ++e) {
        const std::size_t count = firstSlot[e + 1];
        firstSlot[e + 1] += firstSlot[e];
        if (count > 0) {
            runs.push_back({e, firstSlot[e], count});
        }
    }
    slots.resize(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        slots[i] = ids[i] < 0 ? kNoSlot : firstSlot[static_cast<std::size_t>(ids[i])]++;
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
    m_work->zeros.resize(std::max(m_work->zeros.size(), x.rows()), 0);
    m_work->ones.resize(std::max(m_work->ones.size(), x.rows()), 1.0f);
    experts(cpu, w, x, std::span(m_work->zeros).first(x.rows()),
        std::span(m_work->ones).first(x.rows()), 1, out, accumulate);
}

namespace {

void addBias(const KernelTable& kernels, std::span<const float> bias, std::size_t first,
    std::size_t count, float* y)
{
    if (!bias.empty()) {
        kernels.addScaled(1.0f, bias.data() + first, count, y);
    }
}

void applyUnit(const KernelTable& kernels, const Activation& activation, const float* gate,
    const float* up, std::size_t count, float* y)
{
    if (activation.kind == Activation::Kind::SwiGlu) {
        kernels.siluMul(gate, up, count, y);
    } else {
        kernels.clampedSwiGlu(gate, up, count, activation.alpha, activation.limit, y);
    }
}

// hidden[slot] = activation(gate x, up x) for every slot, in the form that down wants.
// A task is an expert and 32 or 64 of its rows, so that it can pack what it has made.
template <typename Workspace>
void computeHidden(Cpu& cpu, const ExpertWeights& weights, bool packed, Workspace& work)
{
    const WeightStack& gate = weights.gate;
    const WeightStack& up = weights.up;
    const std::size_t ff = gate.rows;
    const KernelTable& kernels = cpu.kernels();
    const std::size_t step = rowsPerTask(cpu, work.runs.size(), ff, kActivationBlock);
    const std::size_t tasksPerRun = (ff + step - 1) / step;
    std::size_t longest = 0;
    for (const ExpertRun& run : work.runs) {
        longest = std::max(longest, run.count);
    }
    // Scratch: the product's own, then gate's and up's results: [count, step] each.
    const std::size_t product
        = std::max(rowsScratch(cpu, gate.type, gate.cols), rowsScratch(cpu, up.type, up.cols));
    const std::size_t productAligned = (product + 63) / 64 * 64;
    const std::size_t results = longest * step;
    const std::size_t pointers = productAligned + 2 * results * sizeof(float);
    cpu.reserveScratch(pointers + longest * sizeof(float*));

    cpu.pool().parallelFor(work.runs.size() * tasksPerRun, 1,
        [&](std::size_t begin, std::size_t end, std::size_t worker) {
            std::byte* scratch = cpu.scratch(worker);
            auto* gates = reinterpret_cast<float*>(scratch + productAligned);
            float* ups = gates + results;
            auto** y = reinterpret_cast<float**>(scratch + pointers);
            for (std::size_t task = begin; task < end; ++task) {
                const ExpertRun& run = work.runs[task / tasksPerRun];
                const std::size_t row = task % tasksPerRun * step;
                const std::size_t count = std::min(step, ff - row);
                const auto product1 = [&](const WeightStack& w, float* result) {
                    for (std::size_t i = 0; i < run.count; ++i) {
                        y[i] = result + i * step;
                    }
                    const WeightView matrix = w.matrix(run.expert);
                    RowsProduct p = rowsOf(matrix, row, count);
                    p.blocks = work.at.blocks.empty() ? nullptr : work.at.blocks.data() + run.first;
                    p.floats = work.at.floats.empty() ? nullptr : work.at.floats.data() + run.first;
                    p.y = y;
                    p.tokens = run.count;
                    p.scratch = scratch;
                    kernels.rows[kernelIndex(matrix.type)](p);
                };
                product1(gate, gates);
                product1(up, ups);
                for (std::size_t i = 0; i < run.count; ++i) {
                    const std::size_t slot = run.first + i;
                    float* g = gates + i * step;
                    float* u = ups + i * step;
                    float* h = packed ? g : work.hidden.data() + slot * ff + row;
                    addBias(kernels, weights.gateBias, run.expert * ff + row, count, g);
                    addBias(kernels, weights.upBias, run.expert * ff + row, count, u);
                    applyUnit(kernels, weights.activation, g, u, count, h);
                    if (packed) {
                        kernels.quantize(h, count,
                            work.hiddenBlocks.data() + (slot * ff + row) / kActivationBlock);
                    }
                }
            }
        });
}

} // namespace

void FeedForward::experts(Cpu& cpu, const ExpertWeights& w, const Activations& x,
    std::span<const std::int32_t> ids, std::span<const float> weights, std::size_t used,
    FloatRows out, bool accumulate)
{
    Workspace& work = *m_work;
    const WeightStack& down = w.down;
    const std::size_t tokens = x.rows();
    const std::size_t slots = tokens * used;
    const std::size_t ff = w.gate.rows;
    const std::size_t d = down.rows;
    assert(ids.size() == slots && weights.size() == slots && out.rows == tokens && out.cols == d);
    assert(w.gate.cols == x.cols() && w.up.cols == x.cols() && w.up.rows == ff && down.cols == ff);
    assert(w.gateBias.empty() || w.gateBias.size() == w.gate.count * ff);
    assert(w.upBias.empty() || w.upBias.size() == w.up.count * ff);
    assert(w.downBias.empty() || w.downBias.size() == down.count * d);
    assert(x.hasBlocks() || !(traits(w.gate.type).quantised || traits(w.up.type).quantised));
    if (tokens == 0) {
        return;
    }
    work.sort(ids, w.gate.count);

    work.at.resize(slots, w.gate.type, w.up.type);
    for (std::size_t i = 0; i < slots; ++i) {
        if (work.slots[i] != kNoSlot) {
            work.at.setX(work.slots[i], x, i / used);
        }
    }
    const bool packed = traits(down.type).quantised;
    work.hiddenBlocks.resize(
        packed ? std::max(work.hiddenBlocks.size(), slots * ff / kActivationBlock) : 0);
    work.hidden.resize(packed ? 0 : std::max(work.hidden.size(), slots * ff));
    computeHidden(cpu, w, packed, work);

    // down, some columns of out at a time so that the parts stay small; then the sum of a token's parts.
    constexpr std::size_t kMaxParts = std::size_t{4} << 20; // floats
    const std::size_t step = rowsPerTask(cpu, work.runs.size(), d, 1);
    const std::size_t width
        = std::min(d, std::max(step, kMaxParts / std::max<std::size_t>(slots, 1) / step * step));
    work.parts.resize(std::max(work.parts.size(), slots * width));
    work.at.resize(slots, down.type);
    for (std::size_t s = 0; s < slots; ++s) {
        if (packed) {
            work.at.blocks[s] = work.hiddenBlocks.data() + s * ff / kActivationBlock;
        } else {
            work.at.floats[s] = work.hidden.data() + s * ff;
        }
    }
    cpu.reserveScratch(rowsScratch(cpu, down.type, down.cols));
    for (std::size_t left = 0; left < d; left += width) {
        const std::size_t cols = std::min(width, d - left);
        const std::size_t tasksPerRun = (cols + step - 1) / step;
        for (std::size_t s = 0; s < slots; ++s) {
            work.at.y[s] = work.parts.data() + s * width;
        }
        cpu.pool().parallelFor(work.runs.size() * tasksPerRun, 1,
            [&](std::size_t begin, std::size_t end, std::size_t worker) {
                for (std::size_t task = begin; task < end; ++task) {
                    const ExpertRun& run = work.runs[task / tasksPerRun];
                    const std::size_t row = task % tasksPerRun * step;
                    runRows(cpu, down.matrix(run.expert).slice(left, cols), row,
                        std::min(step, cols - row), work.at, run.first, run.count,
                        cpu.scratch(worker));
                }
            });
        cpu.pool().parallelFor(
            tokens, rowGrain(cols * used), [&](std::size_t begin, std::size_t end, std::size_t) {
                for (std::size_t t = begin; t < end; ++t) {
                    float* y = out.row(t) + left;
                    if (!accumulate) {
                        std::fill_n(y, cols, 0.0f);
                    }
                    for (std::size_t k = 0; k < used; ++k) {
                        const std::size_t slot = work.slots[t * used + k];
                        if (slot == kNoSlot) {
                            continue;
                        }
                        const float weight = weights[t * used + k];
                        cpu.kernels().addScaled(weight, work.parts.data() + slot * width, cols, y);
                        if (!w.downBias.empty()) {
                            const auto expert = static_cast<std::size_t>(ids[t * used + k]);
                            cpu.kernels().addScaled(
                                weight, w.downBias.data() + expert * d + left, cols, y);
                        }
                    }
                }
            });
    }
}

} // namespace ponder::kernels
