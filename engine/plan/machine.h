#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ponder {

inline constexpr std::uint64_t kMiB = 1U << 20U;

/// A graphics card that the CUDA module can compute on.
struct Gpu {
    int index = 0; ///< N of cuda:N
    std::string name; ///< "NVIDIA H100 80GB HBM3"
    std::uint64_t memoryBytes = 0; ///< VRAM in all
    std::uint64_t availableBytes = 0; ///< free now, with this process's context on the card made
    double bandwidth
        = 0; ///< bytes per second of its memory, as its clock and width say; 0: unknown

    bool operator==(const Gpu&) const = default;
};

/// What this process may use of the machine it runs on.
struct Machine {
    std::uint64_t memoryBytes = 0; ///< RAM in all, or the container's limit where that is less
    std::uint64_t availableBytes = 0; ///< what may be taken without swapping: the least of
        ///< MemAvailable, the cgroups' and the process's limits
    unsigned cores = 1; ///< that this process may run on
    double bandwidth = 0; ///< bytes per second that all cores read together; 0: not measured
    std::vector<Gpu> gpus = {}; ///< what CudaModule::devices() lists; detect() leaves it empty

    /// Reads /proc, the cgroups (versions 1 and 2) and the limits under `root`. Never fails: what
    /// cannot be read does not limit. Does not measure the bandwidth.
    [[nodiscard]] static Machine detect(const std::filesystem::path& root = "/");
};

} // namespace ponder
