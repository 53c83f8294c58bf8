#pragma once

#include <array>
#include <list>

#include "engine/model/network.h"
#include "kernels/selfcheck/random.h"

namespace ponder {

/// A small model of random weights, to hold one backend against another. Two layers, hidden size 256, a
/// type of weights for each matrix.
class RandomNetwork {
public:
    enum class Kind {
        LatentSigmoid, ///< latent attention; sigmoid scores, groups, a shared expert
        LatentSoftmax, ///< without the query's latent; an unsplit key and value matrix; softmax scores
        GroupedDense, ///< grouped attention with biases and norms of heads; dense layers
        GroupedSinks, ///< sinks, a window; a softmax of the chosen, clamped units, biases
    };
    static constexpr std::array kKinds{
        Kind::LatentSigmoid, Kind::LatentSoftmax, Kind::GroupedDense, Kind::GroupedSinks};
    [[nodiscard]] static const char* name(Kind kind);
    [[nodiscard]] static bool isRouted(Kind kind) { return kind != Kind::GroupedDense; }

    explicit RandomNetwork(Kind kind);
    RandomNetwork(const RandomNetwork&) = delete;
    RandomNetwork& operator=(const RandomNetwork&) = delete;

    [[nodiscard]] const Network& network() const { return m_network; }

private:
    WeightMatrix matrix(std::uint32_t columns, std::uint32_t rows, std::uint32_t count = 1);
    WeightVector vector(std::size_t count, float middle = 0);
    MlaAttention latent(bool queryIsLatent);
    GqaAttention grouped(bool hasSinks);
    DenseFeedForward dense();
    MoeFeedForward routed(Kind kind);

    kernels::Random m_random{7};
    std::size_t m_types = 0; // used so far, in turn
    std::list<kernels::RandomWeights> m_weights;
    Network m_network;
};

} // namespace ponder
