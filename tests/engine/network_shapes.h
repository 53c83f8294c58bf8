#pragma once

#include "engine/model/network.h"

namespace ponder::test {

/// Published models' shapes without weights: every matrix has Q4_K's size and an address that is never read.
namespace shapes {

inline WeightMatrix matrix(std::uint32_t columns, std::uint32_t rows, std::uint32_t count = 1)
{
    static const std::byte here[2]{};
    WeightMatrix m;
    m.type = TensorType::Q4_K;
    m.data = &here[0];
    m.columns = columns;
    m.rows = rows;
    m.count = count;
    m.rowBytes = (columns + 255) / 256 * 144ULL;
    m.stride = m.rowBytes * rows;
    return m;
}

inline DenseFeedForward dense(std::uint32_t hidden, std::uint32_t width)
{
    DenseFeedForward f;
    f.gate = f.up = matrix(hidden, width);
    f.down = matrix(width, hidden);
    return f;
}

struct Moe {
    std::uint32_t experts = 0, used = 0, width = 0, shared = 0; // shared: width; 0: none
};

inline MoeFeedForward moe(std::uint32_t hidden, const Moe& shape)
{
    MoeFeedForward f;
    f.routing.experts = shape.experts;
    f.routing.used = shape.used;
    f.router = matrix(hidden, shape.experts);
    f.gate = f.up = matrix(hidden, shape.width, shape.experts);
    f.down = matrix(shape.width, hidden, shape.experts);
    if (shape.shared > 0)
        f.shared = dense(hidden, shape.shared);
    return f;
}

inline Network start(
    std::uint32_t hidden, std::uint32_t vocabulary, std::uint32_t context, std::uint32_t layers)
{
    static const std::byte head{};
    Network n;
    n.hiddenSize = hidden;
    n.vocabularySize = vocabulary;
    n.contextLength = context;
    n.embedding = n.output = matrix(hidden, vocabulary);
    n.output.data = &head; // not tied
    n.outputNorm.resize(hidden);
    n.layers.resize(layers);
    for (Layer& layer : n.layers) {
        layer.attentionNorm.resize(hidden);
        layer.feedForwardNorm.resize(hidden);
    }
    return n;
}

/// qLoraRank 0: none. The first `denseLayers` have no experts.
inline Network deepseek(std::uint32_t layers, std::uint32_t hidden, std::uint32_t heads,
    std::uint32_t qLoraRank, std::uint32_t vocabulary, std::uint32_t denseLayers,
    std::uint32_t denseWidth, const Moe& experts)
{
    Network n = start(hidden, vocabulary, 163840, layers);
    for (std::uint32_t i = 0; i < layers; ++i) {
        MlaAttention a;
        a.heads = heads;
        a.kvLoraRank = 512;
        a.nopeHeadDim = a.valueHeadDim = 128;
        a.ropeHeadDim = 64;
        if (qLoraRank > 0)
            a.qA = matrix(hidden, qLoraRank);
        a.qB = matrix(qLoraRank > 0 ? qLoraRank : hidden, heads * 192);
        a.kvA = matrix(hidden, 576);
        a.kB = matrix(128, 512, heads);
        a.vB = matrix(512, 128, heads);
        a.output = matrix(heads * 128, hidden);
        n.layers[i].attention = a;
        if (i < denseLayers)
            n.layers[i].feedForward = dense(hidden, denseWidth);
        else
            n.layers[i].feedForward = moe(hidden, experts);
    }
    return n;
}

inline GqaAttention gqa(std::uint32_t hidden, std::uint32_t heads, std::uint32_t kvHeads)
{
    GqaAttention a;
    a.heads = heads;
    a.kvHeads = kvHeads;
    a.keyDim = a.valueDim = 128;
    a.query = matrix(hidden, heads * 128);
    a.key = a.value = matrix(hidden, kvHeads * 128);
    a.output = matrix(heads * 128, hidden);
    return a;
}

} // namespace shapes

inline Network v2Lite()
{
    return shapes::deepseek(27, 2048, 16, 0, 102400, 1, 10944, {64, 6, 1408, 2816});
}

/// DeepSeek-V2's 236B, V3's younger sister.
inline Network v2()
{
    return shapes::deepseek(60, 5120, 128, 1536, 102400, 1, 12288, {160, 6, 1536, 3072});
}

inline Network r1()
{
    return shapes::deepseek(61, 7168, 128, 1536, 129280, 3, 18432, {256, 8, 2048, 2048});
}

inline Network llama70b()
{
    Network n = shapes::start(8192, 128256, 131072, 80);
    for (Layer& layer : n.layers) {
        layer.attention = shapes::gqa(8192, 64, 8);
        layer.feedForward = shapes::dense(8192, 28672);
    }
    return n;
}

inline Network qwen3Moe30b()
{
    Network n = shapes::start(2048, 151936, 40960, 48);
    for (Layer& layer : n.layers) {
        layer.attention = shapes::gqa(2048, 32, 4);
        layer.feedForward = shapes::moe(2048, {128, 8, 768, 0});
    }
    return n;
}

} // namespace ponder::test
