#pragma once

#include <cstdint>
#include <string>

#include "engine/model/network.h"
#include "engine/model/parameter_reader.h"
#include "engine/model/weight_reader.h"

namespace ponder {

/// Far above any model's width, and products of three fit in 64 bits.
inline constexpr std::uint32_t kMaxWide = 1U << 20U;

/// What every family reads first.
struct TrunkParameters {
    std::uint32_t layers = 0, hidden = 0, context = 0;
    float normEpsilon = 0;
};
[[nodiscard]] TrunkParameters readTrunkParameters(ParameterReader& reader);

/// A network of no layers yet: embedding, norm and output, which is the embedding where the file has
/// no other. Fails where the vocabulary is absurd; other errors stay with the reader.
[[nodiscard]] Result<Network> readTrunk(
    const ModelFile& file, WeightReader& reader, const TrunkParameters& p);

/// blk.N.ffn_{gate,up,down}SUFFIX, with biases where the file has them.
[[nodiscard]] DenseFeedForward readDense(WeightReader& reader, const std::string& block,
    const std::string& suffix, std::uint64_t hidden, std::uint64_t width);

/// The router and the routed experts of a layer, whose gate and up may be one matrix; with biases
/// where the file has them.
[[nodiscard]] MoeFeedForward readExperts(WeightReader& reader, const std::string& block,
    const kernels::RouterRule& routing, std::uint64_t hidden, std::uint64_t width);

} // namespace ponder
