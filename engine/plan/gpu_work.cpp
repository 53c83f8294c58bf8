#include <algorithm>
#include <initializer_list>

#include "engine/plan/gpu_placement.h"
#include "kernels/types/activation_block.h"

// The bytes that a GPU's backend keeps for a batch, counted as engine/backend/gpu/device_step.cpp and kernels/cuda
// allocate them (tst_cuda_memory compares both).

namespace ponder {
namespace {

constexpr std::uint64_t kFloat = sizeof(float);

std::uint64_t multiple(std::uint64_t count, std::uint64_t of)
{
    return (count + of - 1) / of * of;
}

/// Bytes of a vector of activations, packed for products with these weights: blocks for quantised weights,
/// floats for the others.
std::uint64_t vectorBytes(std::uint64_t cols, std::initializer_list<const WeightMatrix*> weights)
{
    bool packed = false;
    bool plain = false;
    for (const WeightMatrix* w : weights) {
        if (w != nullptr && *w)
            (kernels::traits(w->type).quantised ? packed : plain) = true;
    }
    return (packed ? cols / kernels::kActivationBlock * sizeof(kernels::ActivationBlock) : 0)
        + (plain ? multiple(cols, 4) * kFloat : 0);
}

class Work {
public:
    explicit Work(const Network& network, std::uint64_t batch)
        : m_hidden(network.hiddenSize)
        , m_batch(batch)
    {
    }

    void add(const MlaAttention& a)
    {
        const std::uint64_t row = std::uint64_t{a.kvLoraRank} + a.ropeHeadDim;
        raise(m_latent, row);
        raise(m_queryLatent, a.qA ? a.qA.rows : 0);
        raise(m_query, std::uint64_t{a.heads} * (a.nopeHeadDim + a.ropeHeadDim));
        raise(m_absorbed, a.heads * row);
        raise(m_latents, std::uint64_t{a.heads} * a.kvLoraRank);
        raise(m_heads, std::uint64_t{a.heads} * a.valueHeadDim);
        attention(a.heads, a.kvLoraRank);
        const WeightMatrix* value = a.vB ? &a.vB : &a.kvB;
        product(vectorBytes(m_hidden, {&a.kvA, &a.qA, &a.qB}));
        product(vectorBytes(a.qB.columns, {&a.qB}));
        product(a.heads * vectorBytes(a.nopeHeadDim, {&a.kB}));
        product(a.heads * vectorBytes(a.kvLoraRank, {value}));
        product(vectorBytes(std::uint64_t{a.heads} * a.valueHeadDim, {&a.output}));
        // A prompt in expanded form: keys' matrices are then plain.
        constexpr std::uint64_t kMaxExpanded = 4096;
        m_fixed = std::max(m_fixed,
            kMaxExpanded
                * (vectorBytes(a.kvLoraRank, {value}) + (a.kB ? a.kvLoraRank * kFloat : 0)));
    }
    void add(const GqaAttention& a)
    {
        raise(m_query, std::uint64_t{a.heads} * a.keyDim);
        raise(m_key, std::uint64_t{a.kvHeads} * a.keyDim);
        raise(m_value, std::uint64_t{a.kvHeads} * a.valueDim);
        raise(m_heads, std::uint64_t{a.heads} * a.valueDim);
        attention(a.heads, a.valueDim);
        product(vectorBytes(m_hidden, {&a.query, &a.key, &a.value}));
        product(vectorBytes(std::uint64_t{a.heads} * a.valueDim, {&a.output}));
    }
    void add(const DenseFeedForward& f)
    {
        product(vectorBytes(m_hidden, {&f.gate, &f.up}) + hidden(f, 1));
    }
    void add(const MoeFeedForward& f)
    {
        raise(m_scores, f.routing.experts);
        m_choices += 2 * std::uint64_t{f.routing.used};
        const std::uint64_t used = f.routing.used;
        std::uint64_t x = vectorBytes(m_hidden, {&f.gate, &f.up});
        if (f.shared) {
            x = vectorBytes(m_hidden, {&f.gate, &f.up, &f.shared->gate, &f.shared->up});
            product(x + hidden(*f.shared, 1));
        }
        // Down's results at a time, and what sorts tokens by expert.
        constexpr std::uint64_t kMaxParts = std::uint64_t{16} << 20U, kTileRows = 128;
        const std::uint64_t pairs = std::max<std::uint64_t>(m_batch * used, 1);
        const std::uint64_t width
            = std::min(m_hidden, std::max(kMaxParts / pairs / kTileRows * kTileRows, kTileRows));
        product(x + hidden(f, used) + used * (8 + width * kFloat) + 16 * used);
        m_groups = std::max<std::uint64_t>(m_groups, 16 * f.routing.experts);
        product(vectorBytes(m_hidden, {&f.router}));
    }

    [[nodiscard]] std::uint64_t bytes(const Network& network) const
    {
        constexpr std::uint64_t kDecodeTokens = 8; // whose logits are made at once
        constexpr std::uint64_t kRopes = 4; // of a network, at most; their angles
        const std::uint64_t floats = 2 * multiple(m_hidden, 4) + m_latent + m_queryLatent + m_query
            + m_absorbed + m_latents + m_key + m_value + m_heads + m_scores + m_choices
            + kRopes * 512;
        return m_batch * floats * kFloat + std::max(m_batch * m_products, m_fixed) + m_groups
            + kDecodeTokens * (multiple(network.vocabularySize, 4) * kFloat + m_products)
            + partials();
    }

private:
    static void raise(std::uint64_t& most, std::uint64_t floats)
    {
        most = std::max(most, multiple(floats, 4));
    }
    void attention(std::uint64_t heads, std::uint64_t valueDim)
    {
        m_partialHeads = std::max(m_partialHeads, heads);
        m_partialDim = std::max(m_partialDim, valueDim);
    }
    void product(std::uint64_t bytes) { m_products = std::max(m_products, bytes); }

    /// The activation's results, and the same packed for down.
    template <typename FeedForward>
    static std::uint64_t hidden(const FeedForward& f, std::uint64_t used)
    {
        return used * (f.gate.rows * kFloat + vectorBytes(f.gate.rows, {&f.down}));
    }

    /// Attention's partial results: AttentionWorkspace, on a GPU as large as there are.
    [[nodiscard]] std::uint64_t partials() const
    {
        constexpr std::uint64_t kMaxMultiprocessors = 192, kMaxRowsOfBlock = 64;
        const std::uint64_t rows = std::min(kMaxRowsOfBlock, m_batch * m_partialHeads);
        return 2 * kMaxMultiprocessors * rows * (m_partialDim + 2) * kFloat;
    }

    std::uint64_t m_hidden, m_batch;
    // Floats of attention's buffers a token: each as large as the layer needs that needs most of it.
    std::uint64_t m_latent = 0, m_queryLatent = 0, m_query = 0, m_absorbed = 0, m_latents = 0,
                  m_key = 0, m_value = 0, m_heads = 0, m_scores = 0, m_choices = 0;
    std::uint64_t m_products = 0; // bytes a token
    std::uint64_t m_fixed = 0, m_groups = 0; // bytes
    std::uint64_t m_partialHeads = 1, m_partialDim = 1;
};

} // namespace

std::uint64_t gpuWorkBytes(const Network& network, std::uint64_t batch)
{
    constexpr std::uint64_t kMargin = 48 * kMiB; // alignment, and the driver's own memory
    Work work(network, batch);
    for (const Layer& layer : network.layers) {
        std::visit([&work](const auto& a) { work.add(a); }, layer.attention);
        std::visit([&work](const auto& f) { work.add(f); }, layer.feedForward);
    }
    return work.bytes(network) + kMargin;
}

} // namespace ponder
