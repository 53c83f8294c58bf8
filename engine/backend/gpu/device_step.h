#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/backend/gpu/carver.h"
#include "engine/backend/gpu/device_layer.h"
#include "engine/backend/gpu/device_queue.h"
#include "engine/backend/gpu/prompt_form.h"
#include "kernels/cuda/rope/rope.h"
#include "kernels/cuda/runtime/step_state.h"

namespace ponder {

/// One of the ways that a network turns keys and queries.
struct DeviceRope {
    const float* frequencies = nullptr; // [pairs], on the device
    std::size_t pairs = 0;
    float attentionFactor = 1;
    float2* angles = nullptr; // [batch, pairs], on the device
};

/// What lies on the device between the kernels of a step, for batches up to a size. `input` and `choices`
/// are read or written from outside too.
struct StepBuffers {
    StepBuffers(const Network& network, const std::vector<DeviceLayer>& layers, std::size_t batch,
        Carver& memory);

    struct Input {
        kernels::cuda::StepState* state = nullptr;
        std::int32_t* tokens = nullptr; // [batch]
    } input;
    struct Choice {
        std::int32_t* experts = nullptr; // [batch, used]
        float* weights = nullptr; // [batch, used]
    };
    kernels::FloatRows residual; // [batch, hidden]
    kernels::FloatRows fromHost; // [batch, hidden]: what the processor adds
    kernels::FloatRows logits; // [kMaxDecodeTokens, vocabulary]
    std::vector<DeviceRope> ropes;
    std::vector<Choice> choices; // [layers]; null where there is no router

    // Attention's, used by one layer after the other.
    float *latent = nullptr, *queryLatent = nullptr, *query = nullptr, *absorbed = nullptr,
          *latents = nullptr, *key = nullptr, *value = nullptr, *heads = nullptr;
    float* scores = nullptr; // the router's
    /// absorbed and latents, which a prompt in expanded form does not need.
    std::byte* expansion = nullptr;
    std::size_t expansionBytes = 0;
};

/// The steps of a forward pass in kernels. Every function queues what it says for the first `tokens` rows
/// of the buffers.
class DeviceStep {
public:
    /// All must outlive the step.
    DeviceStep(const Network& network, const DeviceWeights& weights,
        const std::vector<DeviceLayer>& layers, const StepBuffers& buffers,
        const kernels::cuda::AttentionWorkspace& workspace, DeviceQueue& queue,
        const PromptOptions& prompt = {});

    void embedding(std::size_t tokens); ///< and the angles of its positions
    /// position: of the first token; only looked at where there are many, which are not recorded.
    void attention(std::size_t layer, std::size_t tokens, std::size_t position);
    /// Of a routed layer: scores, and the choice where the experts are not on the GPU.
    void router(std::size_t layer, std::size_t tokens);
    /// The shared experts; with `routed` also those on the GPU, chosen by router()'s scores. A dense layer's
    /// only one is shared.
    void feedForward(std::size_t layer, std::size_t tokens, bool routed);
    /// The same with all experts that are on the GPU, into fromHost; the residual stream stays as it is.
    void feedForwardApart(std::size_t layer, std::size_t tokens);
    /// Arguments for a layer's feed-forward, read from and added to the residual stream.
    [[nodiscard]] kernels::cuda::FeedForwardArgs feedForwardArgs(
        std::size_t layer, std::size_t tokens, const kernels::cuda::DeviceExperts* routed) const;
    /// From the residual stream to fromHost, without any experts.
    [[nodiscard]] kernels::cuda::FeedForwardArgs apartArgs(
        std::size_t layer, std::size_t tokens) const;
    void addFromHost(std::size_t tokens); ///< residual += fromHost
    /// Logits of tokens first … first + count - 1, count at most kMaxDecodeTokens.
    void head(std::size_t first, std::size_t count);

private:
    void attend(
        const DeviceLayer& layer, const DeviceMla& a, std::size_t tokens, std::size_t position);
    void attend(
        const DeviceLayer& layer, const DeviceGqa& a, std::size_t tokens, std::size_t position);
    /// From projections to heads: over latents, or over each head's own keys and values.
    void attendLatents(const DeviceLayer& layer, const DeviceMla& a, std::size_t tokens);
    void attendExpanded(const DeviceLayer& layer, const DeviceMla& a, std::size_t tokens,
        std::size_t position, const Expansion& room);
    [[nodiscard]] kernels::cuda::MlaPrepare prepare(const DeviceLayer& layer, const DeviceMla& a,
        std::size_t tokens, const kernels::HeadRows& rotated) const;
    /// Where there is no room, or latents are cheaper: nothing.
    [[nodiscard]] std::optional<Expansion> expansionFor(const DeviceLayer& layer,
        const DeviceMla& a, std::size_t tokens, std::size_t position) const;
    [[nodiscard]] kernels::cuda::RouterStep routerStep(std::size_t layer, std::size_t tokens) const;
    [[nodiscard]] kernels::FloatRows residual(std::size_t tokens) const;
    [[nodiscard]] kernels::cuda::RopeAngles angles(const DeviceLayer& layer) const;

    const Network& m_network;
    const DeviceWeights& m_weights;
    const std::vector<DeviceLayer>& m_layers;
    const StepBuffers& m_buffers;
    const kernels::cuda::AttentionWorkspace& m_workspace;
    DeviceQueue& m_queue;
    PromptOptions m_prompt;
};

/// Values that attention's workspace is made for.
struct AttentionExtent {
    std::size_t heads = 1, valueDim = 1;
};
[[nodiscard]] AttentionExtent attentionExtent(const std::vector<DeviceLayer>& layers);

} // namespace ponder
