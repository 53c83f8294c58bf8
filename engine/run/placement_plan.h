#pragma once

#include <cstdint>
#include <string>

#include "engine/model/network.h"
#include "engine/result.h"
#include "engine/run/machine.h"

namespace ponder {

/// What goes where before anything is loaded, what it takes, and about how fast it will be.
struct PlacementPlan {
    std::uint64_t weightBytes = 0; ///< mapped; the system may share them with other processes
    std::uint64_t cacheBytes = 0; ///< KV cache when the context is full; grows with use
    std::uint64_t workBytes = 0; ///< activations and scores
    std::uint64_t availableBytes = 0; ///< what the machine had
    std::uint32_t contextLength = 0; ///< tokens; never more than fits
    unsigned threads = 1;
    std::uint64_t bytesPerToken = 0; ///< weights that decoding one token reads
    double tokensPerSecond = 0; ///< decode, estimated; 0 where the bandwidth is not known

    [[nodiscard]] std::uint64_t totalBytes() const { return weightBytes + cacheBytes + workBytes; }
    [[nodiscard]] std::string summary() const; ///< one line for a person
};

inline constexpr std::uint32_t kSmallestContext = 512;

/// What a person or a program asks of a plan.
struct PlacementWish {
    std::uint32_t contextLength
        = 0; ///< tokens; 0: as much as the model allows and the machine holds
    unsigned threads = 0; ///< 0: all cores
    std::uint32_t batch = 256; ///< tokens evaluated at once
};

/// Plans a network on a machine. The context is cut to what the model allows and to what fits.
/// Fails with OutOfMemory, naming the sizes, where not even kSmallestContext tokens (or the fewer
/// that were wished for) fit. A pure function of its arguments.
[[nodiscard]] Result<PlacementPlan> planPlacement(
    const Network& network, const Machine& machine, const PlacementWish& wish = {});

/// "9.7 GiB", "512 MiB", "17 bytes"
[[nodiscard]] std::string describeBytes(std::uint64_t bytes);

} // namespace ponder
