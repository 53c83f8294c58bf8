#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/backend/cpu/cpu_gqa.h"
#include "engine/backend/cpu/cpu_mla.h"
#include "engine/backend/cpu/cpu_step.h"
#include "engine/backend/cpu/kv_cache.h"
#include "engine/model/network.h"
#include "kernels/cpu/moe/feed_forward.h"

namespace ponder {

struct CpuLayersOptions {
    std::size_t contextLength = 0; ///< tokens that the cache can hold
    unsigned threads = 0; ///< 0: all cores
    std::size_t firstLayer = 0; ///< layers before it have no cache: their attention runs elsewhere
};

/// A network's layers on the CPU, from firstLayer to the last, with their KV cache: all of the CPU's backend,
/// and the part of a network that a GPU's backend leaves in RAM. One thread at a time uses it.
///
/// A token's results have the same bits in every batch and with any number of threads.
class CpuLayers {
public:
    /// `network` and its file must outlive the layers. Fails with OutOfMemory.
    [[nodiscard]] static Result<std::unique_ptr<CpuLayers>> create(
        const Network& network, const CpuLayersOptions& options);

    /// The rows of the residual stream, [tokens, hidden], f32, for `tokens` tokens at `position`: to be
    /// written by the caller. They stay valid until the next call.
    [[nodiscard]] kernels::FloatRows beginBatch(std::size_t tokens, std::size_t position);
    /// The same, with the tokens' embeddings written.
    void embed(std::span<const std::int32_t> tokens, std::size_t position);

    /// Runs the layers over the residual stream of beginBatch() or embed(), and appends what they chose to
    /// `routing` as batch.routing wants it. Returns false where batch.stop cancelled it.
    [[nodiscard]] bool run(const Batch& batch, std::vector<LayerRouting>& routing);

    /// logits: [tokens.count, vocabularySize], f32, of these tokens of the batch that ran last.
    void logits(TokenRange tokens, std::span<float> logits);
    [[nodiscard]] kernels::ConstFloatRows residual() const { return m_residual; }

    /// out = the output of a layer's large feed-forward: of the routed experts without the shared ones, or
    /// of the dense one. residual, out: [tokens, hidden], f32; experts, weights: [tokens, used], chosen
    /// elsewhere (an expert below 0 adds nothing), empty for a dense layer. Needs no batch.
    void feedForwardBranch(std::size_t layer, kernels::ConstFloatRows residual,
        std::span<const std::int32_t> experts, std::span<const float> weights,
        kernels::FloatRows out);

    [[nodiscard]] KvCache& cache() { return m_cache; }
    [[nodiscard]] const KvCache& cache() const { return m_cache; }

private:
    CpuLayers(const Network& network, KvCache cache, const CpuLayersOptions& options);

    void attention(std::size_t layer);
    void feedForward(std::size_t layer);
    void routed(const MoeFeedForward& moe);
    void packNormalised(kernels::ConstFloatRows residual, const WeightVector& norm);
    void appendRouting(
        std::size_t layer, RoutingOf wanted, std::vector<LayerRouting>& routing) const;

    struct Angles {
        const kernels::RopeParams* rope;
        kernels::RopeAngles angles;
    };

    const Network& m_network;
    std::size_t m_firstLayer;
    kernels::Cpu m_cpu;
    KvCache m_cache;
    std::vector<Angles> m_angles; // of each rope that some layer has
    std::vector<std::size_t> m_anglesOf; // [layers]
    CpuMla m_mla;
    CpuGqa m_gqa;
    kernels::FeedForward m_feedForward;

    std::size_t m_tokens = 0; // in the batch
    std::size_t m_position = 0; // of its first token
    kernels::FloatRows m_residual; // [tokens, hidden], in m_residualBuffer
    Buffer m_residualBuffer, m_norm, m_branch, m_scores, m_selection;
    kernels::Activations m_input, m_inner; // packed: input of a layer's part; between two products
    std::vector<std::int32_t> m_positions;
    std::vector<std::int32_t> m_experts; // [tokens, used], of the routed layer that ran last
    std::vector<float> m_weights; // [tokens, used]
};

} // namespace ponder
