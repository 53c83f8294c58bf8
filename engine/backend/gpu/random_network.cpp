#include "engine/backend/gpu/random_network.h"

#include <cmath>

#include "kernels/types/tensor_type.h"

namespace ponder {
namespace {

constexpr std::uint32_t kHidden = 256, kWidth = 256, kExperts = 8, kUsed = 3;

} // namespace

const char* RandomNetwork::name(Kind kind)
{
    switch (kind) {
    case Kind::LatentSigmoid:
        return "latent attention, sigmoid scores in groups";
    case Kind::LatentSoftmax:
        return "latent attention, softmax scores";
    case Kind::GroupedDense:
        return "grouped attention, dense layers";
    case Kind::GroupedSinks:
        return "grouped attention with sinks, clamped experts";
    }
    return "";
}

WeightMatrix RandomNetwork::matrix(std::uint32_t columns, std::uint32_t rows, std::uint32_t count)
{
    // One type after the other; F8_E4M3 needs scales, which these weights have not.
    const auto all = kernels::supportedTensorTypes();
    const kernels::TensorTraits* traits = nullptr;
    do
        traits = &all[m_types++ % all.size()];
    while (traits->type == TensorType::F8_E4M3 || columns % traits->weightsPerBlock != 0);
    const float size = 1.7F / std::sqrt(static_cast<float>(columns));
    m_weights.emplace_back(m_random, traits->type, count, rows, columns, size);
    const kernels::WeightStack stack = m_weights.back().stack();
    WeightMatrix m;
    m.type = traits->type;
    m.data = stack.data;
    m.columns = columns;
    m.rows = rows;
    m.count = count;
    m.rowBytes = stack.rowStride;
    m.stride = stack.matrixStride;
    return m;
}

WeightVector RandomNetwork::vector(std::size_t count, float middle)
{
    return m_random.floats(count, middle - 0.3F, middle + 0.3F);
}

MlaAttention RandomNetwork::latent(bool queryIsLatent)
{
    MlaAttention a;
    a.heads = 4;
    a.kvLoraRank = 256;
    a.nopeHeadDim = 64;
    a.ropeHeadDim = 32;
    a.valueHeadDim = 64;
    a.softmaxScale = 0.1F;
    a.rope.dim = 32;
    if (queryIsLatent) {
        a.qA = matrix(kHidden, 256);
        a.qANorm = vector(256, 1);
    }
    a.qB = matrix(256, a.heads * 96);
    a.kvA = matrix(kHidden, 256 + 32);
    a.kvANorm = vector(256, 1);
    if (queryIsLatent) {
        a.kB = matrix(64, 256, a.heads);
        a.vB = matrix(256, 64, a.heads);
    } else {
        a.kvB = matrix(256, 128, a.heads);
    }
    a.output = matrix(a.heads * 64, kHidden);
    return a;
}

GqaAttention RandomNetwork::grouped(bool hasSinks)
{
    GqaAttention a;
    a.heads = 8;
    a.kvHeads = 2;
    a.keyDim = a.valueDim = 64;
    a.softmaxScale = 0.125F;
    a.rope.layout = kernels::RopeLayout::HalfSplit;
    a.rope.dim = 64;
    a.query = matrix(kHidden, 512);
    a.key = matrix(kHidden, 128);
    a.value = matrix(kHidden, 128);
    a.output = matrix(512, kHidden);
    a.queryBias = vector(512);
    a.keyBias = vector(128);
    a.valueBias = vector(128);
    if (hasSinks) {
        a.outputBias = vector(kHidden);
        a.sinks = vector(8);
        a.slidingWindow = 5;
    } else {
        a.queryNorm = vector(64, 1);
        a.keyNorm = vector(64, 1);
    }
    return a;
}

DenseFeedForward RandomNetwork::dense()
{
    DenseFeedForward f;
    f.gate = matrix(kHidden, kWidth);
    f.up = matrix(kHidden, kWidth);
    f.down = matrix(kWidth, kHidden);
    return f;
}

MoeFeedForward RandomNetwork::routed(Kind kind)
{
    MoeFeedForward f;
    f.routing.experts = kExperts;
    f.routing.used = kUsed;
    f.router = matrix(kHidden, kExperts);
    f.gate = matrix(kHidden, kWidth, kExperts);
    f.up = matrix(kHidden, kWidth, kExperts);
    f.down = matrix(kWidth, kHidden, kExperts);
    if (kind == Kind::GroupedSinks) {
        f.routing.score = kernels::RouterRule::Score::SoftmaxOfChosen;
        f.routerBias = vector(kExperts);
        f.gateBias = vector(kExperts * kWidth);
        f.upBias = vector(kExperts * kWidth);
        f.downBias = vector(kExperts * kHidden);
        f.activation = {kernels::Activation::Kind::ClampedSwiGlu, 1.702F, 7.0F};
        return f;
    }
    f.shared = dense();
    if (kind == Kind::LatentSigmoid) {
        f.routing.score = kernels::RouterRule::Score::Sigmoid;
        f.routing.groupScore = kernels::RouterRule::GroupScore::TwoBest;
        f.routing.groups = 4;
        f.routing.groupsUsed = 2;
        f.routing.normalise = true;
        f.routing.scale = 2.5F;
        f.selectionBias = vector(kExperts);
    }
    return f;
}

RandomNetwork::RandomNetwork(Kind kind)
{
    Network& n = m_network;
    n.hiddenSize = kHidden;
    n.vocabularySize = 300;
    n.contextLength = 64;
    n.embedding = matrix(kHidden, n.vocabularySize);
    n.output = matrix(kHidden, n.vocabularySize);
    n.outputNorm = vector(kHidden, 1);
    n.layers.resize(2);
    for (std::size_t i = 0; i < n.layers.size(); ++i) {
        Layer& layer = n.layers[i];
        layer.attentionNorm = vector(kHidden, 1);
        layer.feedForwardNorm = vector(kHidden, 1);
        if (kind == Kind::LatentSigmoid || kind == Kind::LatentSoftmax)
            layer.attention = latent(kind == Kind::LatentSigmoid);
        else
            layer.attention = grouped(kind == Kind::GroupedSinks);
        if (kind == Kind::GroupedDense || (kind == Kind::LatentSoftmax && i == 0))
            layer.feedForward = dense();
        else
            layer.feedForward = routed(kind);
    }
}

} // namespace ponder
