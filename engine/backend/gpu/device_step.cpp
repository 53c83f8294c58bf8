#include "engine/backend/gpu/device_step.h"

#include <algorithm>

#include "engine/backend/cpu/cpu_step.h"
#include "kernels/cuda/elementwise/add.h"
#include "kernels/cuda/embedding/embedding.h"
#include "kernels/cuda/runtime/memory.h"

namespace ponder {

using kernels::ConstFloatRows;
using kernels::ConstHeadRows;
using kernels::FloatRows;
using kernels::HeadRows;
using kernels::cuda::FeedForwardArgs;
using kernels::cuda::ProductArgs;
using kernels::cuda::ProductPart;

namespace {

HeadRows headRows(float* data, std::size_t tokens, std::size_t heads, std::size_t cols)
{
    return {data, tokens, heads, cols, heads * cols, cols};
}

FloatRows rows(float* data, std::size_t tokens, std::size_t cols)
{
    return {data, tokens, cols, (cols + 3) / 4 * 4};
}

/// The largest number of floats a token that any layer needs for each of attention's buffers.
struct AttentionFloats {
    std::size_t latent = 0, queryLatent = 0, query = 0, absorbed = 0, latents = 0, key = 0,
                value = 0, heads = 0;

    void add(const MlaAttention& a)
    {
        const std::size_t row = std::size_t{a.kvLoraRank} + a.ropeHeadDim;
        raise(latent, row);
        raise(queryLatent, a.qA ? a.qA.rows : 0);
        raise(query, std::size_t{a.heads} * (a.nopeHeadDim + a.ropeHeadDim));
        raise(absorbed, a.heads * row);
        raise(latents, std::size_t{a.heads} * a.kvLoraRank);
        raise(heads, std::size_t{a.heads} * a.valueHeadDim);
    }
    void add(const GqaAttention& a)
    {
        raise(query, std::size_t{a.heads} * a.keyDim);
        raise(key, std::size_t{a.kvHeads} * a.keyDim);
        raise(value, std::size_t{a.kvHeads} * a.valueDim);
        raise(heads, std::size_t{a.heads} * a.valueDim);
    }

private:
    static void raise(std::size_t& most, std::size_t floats)
    {
        most = std::max(most, (floats + 3) / 4 * 4);
    }
};

} // namespace

StepBuffers::StepBuffers(const Network& network, const std::vector<DeviceLayer>& layers,
    std::size_t batch, Carver& memory)
{
    // One after the other, so that one copy brings both.
    input.state = memory.take<kernels::cuda::StepState>(1);
    input.tokens = memory.take<std::int32_t>(batch);
    residual = memory.rows(batch, network.hiddenSize);
    fromHost = memory.rows(batch, network.hiddenSize);
    logits = memory.rows(kernels::cuda::kMaxDecodeTokens, network.vocabularySize);
    AttentionFloats floats;
    std::size_t experts = 0;
    choices.resize(layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const DeviceLayer& d = layers[i];
        std::visit([&floats](const auto& a) { floats.add(a); }, d.layer->attention);
        const kernels::RopeParams& rope = ropeOf(*d.layer);
        if (d.angles == ropes.size()) {
            DeviceRope& made = ropes.emplace_back();
            made.pairs = rope.dim / 2;
            made.attentionFactor = rope.attentionFactor;
            made.frequencies = memory.take<float>(made.pairs);
            made.angles = memory.take<float2>(batch * made.pairs);
        }
        if (d.isRouted()) {
            experts = std::max<std::size_t>(experts, d.rule.experts);
            choices[i].experts = memory.take<std::int32_t>(batch * d.rule.used);
            choices[i].weights = memory.take<float>(batch * d.rule.used);
        }
    }
    latent = memory.take<float>(batch * floats.latent);
    queryLatent = memory.take<float>(batch * floats.queryLatent);
    query = memory.take<float>(batch * floats.query);
    expansionBytes = batch * (floats.absorbed + floats.latents) * sizeof(float);
    expansion = memory.take<std::byte>(expansionBytes);
    absorbed = reinterpret_cast<float*>(expansion);
    latents = absorbed + batch * floats.absorbed;
    key = memory.take<float>(batch * floats.key);
    value = memory.take<float>(batch * floats.value);
    heads = memory.take<float>(batch * floats.heads);
    scores = memory.take<float>(batch * ((experts + 3) / 4 * 4));
}

DeviceStep::DeviceStep(const Network& network, const DeviceWeights& weights,
    const std::vector<DeviceLayer>& layers, const StepBuffers& buffers,
    const kernels::cuda::AttentionWorkspace& workspace, DeviceQueue& queue,
    const PromptOptions& prompt)
    : m_network(network)
    , m_weights(weights)
    , m_layers(layers)
    , m_buffers(buffers)
    , m_workspace(workspace)
    , m_queue(queue)
    , m_prompt(prompt)
{
}

FloatRows DeviceStep::residual(std::size_t tokens) const
{
    FloatRows part = m_buffers.residual;
    part.rows = tokens;
    return part;
}

kernels::cuda::RopeAngles DeviceStep::angles(const DeviceLayer& layer) const
{
    const DeviceRope& rope = m_buffers.ropes[layer.angles];
    return {rope.angles, rope.pairs};
}

void DeviceStep::embedding(std::size_t tokens)
{
    m_queue.run([&] {
        return kernels::cuda::embeddingRows(m_weights.view(m_network.embedding),
            m_buffers.input.tokens, residual(tokens), m_queue.stream());
    });
    for (const DeviceRope& rope : m_buffers.ropes)
        m_queue.run([&] {
            return kernels::cuda::makeRopeAngles(rope.frequencies, rope.pairs, rope.attentionFactor,
                m_buffers.input.state, tokens, rope.angles, m_queue.stream());
        });
}

void DeviceStep::attend(
    const DeviceLayer& layer, const DeviceMla& d, std::size_t tokens, std::size_t position)
{
    const MlaAttention& a = *d.shape;
    const FloatRows latent
        = rows(m_buffers.latent, tokens, std::size_t{a.kvLoraRank} + a.ropeHeadDim);
    const HeadRows query
        = headRows(m_buffers.query, tokens, a.heads, a.nopeHeadDim + a.ropeHeadDim);

    ProductArgs first;
    first.x = residual(tokens);
    first.norm = {layer.attentionNorm, m_network.normEpsilon};
    first.partCount = 2;
    first.parts[0] = {.w = d.kvA, .y = latent};
    if (a.qA) {
        const FloatRows queryLatent = rows(m_buffers.queryLatent, tokens, d.qA.rows);
        first.parts[1] = {.w = d.qA, .y = queryLatent};
        m_queue.product(first);
        ProductArgs up;
        up.x = queryLatent;
        up.norm = {d.qANorm, m_network.normEpsilon};
        up.parts[0] = {.w = d.qB, .y = flat(query)};
        m_queue.product(up);
    } else {
        first.parts[1] = {.w = d.qB, .y = flat(query)};
        m_queue.product(first);
    }

    const std::optional<Expansion> expansion = expansionFor(layer, d, tokens, position);
    if (expansion)
        attendExpanded(layer, d, tokens, position, *expansion);
    if (!expansion || m_queue.measures()) // another batch may need it
        attendLatents(layer, d, tokens);
    ProductArgs last;
    last.x = flat(headRows(m_buffers.heads, tokens, a.heads, a.valueHeadDim));
    last.parts[0] = {.w = d.output, .y = residual(tokens), .accumulate = true};
    m_queue.product(last);
}

kernels::cuda::MlaPrepare DeviceStep::prepare(
    const DeviceLayer& layer, const DeviceMla& d, std::size_t tokens, const HeadRows& rotated) const
{
    const MlaAttention& a = *d.shape;
    const HeadRows query
        = headRows(m_buffers.query, tokens, a.heads, a.nopeHeadDim + a.ropeHeadDim);
    return {
        .latent = rows(m_buffers.latent, tokens, std::size_t{a.kvLoraRank} + a.ropeHeadDim),
        .kvANorm = d.kvANorm,
        .epsilon = m_network.normEpsilon,
        .query = part(query, a.nopeHeadDim, a.ropeHeadDim),
        .rotated = rotated,
        .angles = angles(layer),
        .layout = kernels::RopeLayout::Interleaved,
        .state = m_buffers.input.state,
        .cache = layer.keys,
    };
}

void DeviceStep::attendLatents(const DeviceLayer& layer, const DeviceMla& d, std::size_t tokens)
{
    const MlaAttention& a = *d.shape;
    const HeadRows query
        = headRows(m_buffers.query, tokens, a.heads, a.nopeHeadDim + a.ropeHeadDim);
    const HeadRows absorbed
        = headRows(m_buffers.absorbed, tokens, a.heads, std::size_t{a.kvLoraRank} + a.ropeHeadDim);
    const HeadRows latents = headRows(m_buffers.latents, tokens, a.heads, a.kvLoraRank);
    const HeadRows values = headRows(m_buffers.heads, tokens, a.heads, a.valueHeadDim);
    m_queue.absorbedAttention(
        {.prepare = prepare(layer, d, tokens, part(absorbed, a.kvLoraRank, a.ropeHeadDim)),
            .kB
            = {.w = d.kB, .x = part(query, 0, a.nopeHeadDim), .y = part(absorbed, 0, a.kvLoraRank)},
            .keyIsTransposed = d.keyIsTransposed,
            .attention = {.q = absorbed,
                .keys = layer.keys,
                .values = layer.values,
                .state = m_buffers.input.state,
                .scale = a.softmaxScale,
                .out = latents},
            .vB = {.w = d.vB, .x = latents, .y = values}},
        m_workspace.room());
}

void DeviceStep::attend(
    const DeviceLayer& layer, const DeviceGqa& d, std::size_t tokens, std::size_t)
{
    const GqaAttention& a = *d.shape;
    const HeadRows query = headRows(m_buffers.query, tokens, a.heads, a.keyDim);
    const HeadRows key = headRows(m_buffers.key, tokens, a.kvHeads, a.keyDim);
    const HeadRows value = headRows(m_buffers.value, tokens, a.kvHeads, a.valueDim);
    ProductArgs first;
    first.x = residual(tokens);
    first.norm = {layer.attentionNorm, m_network.normEpsilon};
    first.partCount = 3;
    first.parts[0] = {.w = d.query, .y = flat(query)};
    first.parts[1] = {.w = d.key, .y = flat(key)};
    first.parts[2] = {.w = d.value, .y = flat(value)};
    m_queue.product(first);
    m_queue.run([&] {
        return kernels::cuda::prepareGqa({.query = query,
                                             .key = key,
                                             .value = value,
                                             .queryBias = d.queryBias,
                                             .keyBias = d.keyBias,
                                             .valueBias = d.valueBias,
                                             .queryNorm = d.queryNorm,
                                             .keyNorm = d.keyNorm,
                                             .epsilon = m_network.normEpsilon,
                                             .angles = angles(layer),
                                             .layout = a.rope.layout,
                                             .state = m_buffers.input.state,
                                             .keys = layer.keys,
                                             .values = layer.values},
            m_queue.stream());
    });
    const HeadRows heads = headRows(m_buffers.heads, tokens, a.heads, a.valueDim);
    m_queue.run([&] {
        return kernels::cuda::attention({.q = query,
                                            .keys = layer.keys,
                                            .values = layer.values,
                                            .state = m_buffers.input.state,
                                            .window = a.slidingWindow,
                                            .scale = a.softmaxScale,
                                            .sinks = d.sinks,
                                            .out = heads},
            m_workspace, m_queue.stream());
    });
    ProductArgs last;
    last.x = flat(heads);
    last.parts[0]
        = {.w = d.output, .bias = d.outputBias, .y = residual(tokens), .accumulate = true};
    m_queue.product(last);
}

void DeviceStep::attention(std::size_t layer, std::size_t tokens, std::size_t position)
{
    const DeviceLayer& d = m_layers[layer];
    std::visit([&](const auto& a) { attend(d, a, tokens, position); }, d.attention);
}

void DeviceStep::router(std::size_t layer, std::size_t tokens)
{
    const DeviceLayer& d = m_layers[layer];
    const FloatRows scores = rows(m_buffers.scores, tokens, d.rule.experts);
    ProductArgs args;
    args.x = residual(tokens);
    args.norm = {d.feedForwardNorm, m_network.normEpsilon};
    args.parts[0] = {.w = d.router, .y = scores};
    m_queue.product(args);
    if (!d.place.feedForwardOnGpu) // else feedForward() does it on its way
        m_queue.run(
            [&] { return kernels::cuda::route(routerStep(layer, tokens), m_queue.stream()); });
}

kernels::cuda::RouterStep DeviceStep::routerStep(std::size_t layer, std::size_t tokens) const
{
    const DeviceLayer& d = m_layers[layer];
    return {.rule = d.rule,
        .logits = rows(m_buffers.scores, tokens, d.rule.experts),
        .logitBias = d.routerBias,
        .selectionBias = d.selectionBias,
        .experts = m_buffers.choices[layer].experts,
        .weights = m_buffers.choices[layer].weights};
}

FeedForwardArgs DeviceStep::feedForwardArgs(
    std::size_t layer, std::size_t tokens, const kernels::cuda::DeviceExperts* routed) const
{
    const DeviceLayer& d = m_layers[layer];
    FeedForwardArgs args;
    args.x = residual(tokens);
    args.norm = {d.feedForwardNorm, m_network.normEpsilon};
    args.out = residual(tokens);
    args.shared = d.shared ? &*d.shared : nullptr;
    args.routed = routed;
    args.ids = m_buffers.choices[layer].experts;
    args.weights = m_buffers.choices[layer].weights;
    args.used = d.rule.used;
    return args;
}

FeedForwardArgs DeviceStep::apartArgs(std::size_t layer, std::size_t tokens) const
{
    FeedForwardArgs args = feedForwardArgs(layer, tokens, nullptr);
    args.shared = nullptr;
    args.out = m_buffers.fromHost;
    args.out.rows = tokens;
    return args;
}

void DeviceStep::feedForward(std::size_t layer, std::size_t tokens, bool routed)
{
    const DeviceLayer& d = m_layers[layer];
    FeedForwardArgs args
        = feedForwardArgs(layer, tokens, routed && d.routed ? &*d.routed : nullptr);
    const kernels::cuda::RouterStep route = routerStep(layer, tokens);
    if (args.routed != nullptr && d.place.feedForwardOnGpu)
        args.route = &route;
    if (args.shared != nullptr || args.routed != nullptr)
        m_queue.feedForward(args);
}

void DeviceStep::feedForwardApart(std::size_t layer, std::size_t tokens)
{
    const DeviceLayer& d = m_layers[layer];
    FeedForwardArgs args = apartArgs(layer, tokens);
    args.shared = d.shared ? &*d.shared : nullptr;
    args.routed = d.routed ? &*d.routed : nullptr;
    m_queue.run([&] {
        return kernels::cuda::clearBytes(
            args.out.data, tokens * args.out.stride * sizeof(float), m_queue.stream());
    });
    if (args.shared != nullptr || args.routed != nullptr)
        m_queue.feedForward(args);
}

void DeviceStep::addFromHost(std::size_t tokens)
{
    FloatRows added = m_buffers.fromHost;
    added.rows = tokens;
    m_queue.run([&] { return kernels::cuda::add(added, residual(tokens), m_queue.stream()); });
}

void DeviceStep::head(std::size_t first, std::size_t count)
{
    ProductArgs args;
    args.x = ConstFloatRows(
        m_buffers.residual.row(first), count, m_network.hiddenSize, m_buffers.residual.stride);
    args.norm = {m_weights.vector(m_network.outputNorm), m_network.normEpsilon};
    FloatRows logits = m_buffers.logits;
    logits.rows = count;
    args.parts[0] = {.w = m_weights.view(m_network.output), .y = logits};
    m_queue.product(args);
}

AttentionExtent attentionExtent(const std::vector<DeviceLayer>& layers)
{
    AttentionExtent extent;
    for (const DeviceLayer& d : layers) {
        if (const auto* mla = std::get_if<DeviceMla>(&d.attention)) {
            extent.heads = std::max<std::size_t>(extent.heads, mla->shape->heads);
            extent.valueDim = std::max<std::size_t>(extent.valueDim, mla->shape->kvLoraRank);
        } else {
            const GqaAttention& a = *std::get<DeviceGqa>(d.attention).shape;
            extent.heads = std::max<std::size_t>(extent.heads, a.heads);
            extent.valueDim = std::max<std::size_t>(extent.valueDim, a.valueDim);
        }
    }
    return extent;
}

} // namespace ponder
