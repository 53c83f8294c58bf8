#include "engine/model/layer_reader.h"

namespace ponder {
namespace {

constexpr std::uint64_t kMaxTokens = 1U << 22U; // the largest published vocabulary has 262,144

} // namespace

TrunkParameters readTrunkParameters(ParameterReader& reader)
{
    TrunkParameters p;
    p.layers = reader.integer("block_count", 1, 4096);
    p.hidden = reader.integer("embedding_length", 1, kMaxWide);
    p.context = reader.integer("context_length", 1, 1U << 30U);
    p.normEpsilon = reader.number("attention.layer_norm_rms_epsilon", 0, 1);
    return p;
}

Result<Network> readTrunk(const ModelFile& file, WeightReader& reader, const TrunkParameters& p)
{
    Network network;
    network.hiddenSize = p.hidden;
    network.contextLength = p.context;
    network.normEpsilon = p.normEpsilon;
    const ModelTensor* embedding = file.tensor("token_embd.weight");
    const std::uint64_t vocabulary = embedding == nullptr ? 1 : embedding->dimensions[1];
    if (vocabulary > kMaxTokens)
        return fail(ErrorCode::FileCorrupt,
            "This model file claims a vocabulary of " + std::to_string(vocabulary)
                + " tokens. It is damaged; choose another file.");
    network.vocabularySize = static_cast<std::uint32_t>(vocabulary);
    network.embedding = reader.matrix("token_embd.weight", p.hidden, vocabulary);
    network.outputNorm = reader.vector("output_norm.weight", p.hidden);
    network.output = reader.has("output.weight")
        ? reader.matrix("output.weight", p.hidden, vocabulary)
        : network.embedding;
    return network;
}

DenseFeedForward readDense(WeightReader& reader, const std::string& block,
    const std::string& suffix, std::uint64_t hidden, std::uint64_t width)
{
    const auto name = [&](const char* part) { return block + "ffn_" + part + suffix; };
    return {
        .gate = reader.matrix(name("gate") + ".weight", hidden, width),
        .up = reader.matrix(name("up") + ".weight", hidden, width),
        .down = reader.matrix(name("down") + ".weight", width, hidden),
        .gateBias = reader.vectorIfThere(name("gate") + ".bias", width),
        .upBias = reader.vectorIfThere(name("up") + ".bias", width),
        .downBias = reader.vectorIfThere(name("down") + ".bias", hidden),
    };
}

MoeFeedForward readExperts(WeightReader& reader, const std::string& block,
    const kernels::RouterRule& routing, std::uint64_t hidden, std::uint64_t width)
{
    MoeFeedForward moe;
    const std::uint32_t experts = routing.experts;
    moe.routing = routing;
    moe.router = reader.matrix(block + "ffn_gate_inp.weight", hidden, experts);
    moe.routerBias = reader.vectorIfThere(block + "ffn_gate_inp.bias", experts);
    moe.selectionBias = reader.vectorIfThere(block + "exp_probs_b.bias", experts);
    if (reader.has(block + "ffn_gate_up_exps.weight")) {
        // Newest converters: an expert's gate rows, then its up rows, in one matrix.
        moe.gate = reader.matrix(block + "ffn_gate_up_exps.weight", hidden, 2 * width, experts);
        moe.gate.rows = static_cast<std::uint32_t>(width);
        moe.up = moe.gate;
        if (moe.up)
            moe.up.data += moe.up.matrixBytes();
    } else {
        moe.gate = reader.matrix(block + "ffn_gate_exps.weight", hidden, width, experts);
        moe.up = reader.matrix(block + "ffn_up_exps.weight", hidden, width, experts);
    }
    moe.down = reader.matrix(block + "ffn_down_exps.weight", width, hidden, experts);
    moe.gateBias = reader.vectorIfThere(block + "ffn_gate_exps.bias", width, experts);
    moe.upBias = reader.vectorIfThere(block + "ffn_up_exps.bias", width, experts);
    moe.downBias = reader.vectorIfThere(block + "ffn_down_exps.bias", hidden, experts);
    return moe;
}

} // namespace ponder
