#pragma once

#include <cstdint>
#include <string>

#include "engine/model/network.h"
#include "engine/result.h"

namespace ponder {

/// What this process may use of the machine it runs on.
struct Machine {
    std::uint64_t memoryBytes = 0; ///< RAM in all, or the container's limit where that is less
    std::uint64_t availableBytes = 0; ///< what may be taken without swapping: the least of
                                      ///< MemAvailable, the cgroup's and the process's limits
    unsigned cores = 1; ///< that this process may run on
    double bandwidth = 0; ///< bytes per second that all cores read together; 0 = not measured

    /// Reads /proc, the cgroup and the limits; never fails (what cannot be read does not limit).
    [[nodiscard]] static Machine detect();
};

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

/// Plans a network on a machine. wantedContext 0: as much as the model allows and the machine holds.
/// Fails with OutOfMemory, naming the sizes, where not even kSmallestContext tokens fit.
/// A pure function of its arguments.
[[nodiscard]] Result<PlacementPlan> planPlacement(const Network& network, const Machine& machine,
    std::uint32_t wantedContext = 0, unsigned wantedThreads = 0);

} // namespace ponder
