#pragma once

#include <cstddef>
#include <cstdint>

namespace ponder {

/// A batch's routed experts of one layer that lie in RAM.
struct ExpertWork {
    std::size_t tokens = 0, experts = 0, used = 0, hidden = 0;
    std::uint64_t expertBytes = 0;
    std::uint64_t expertWeights = 0; ///< multiplications a token has with an expert
};

/// What the machine does in a second. Those that are not measured are what such machines are known to
/// reach, rather too little than too much for the GPU.
struct ExpertSpeeds {
    double link
        = 12e9; ///< bytes from pinned memory to the GPU; PCIe 4.0 with 8 lanes until it is measured
    double fill = 6e9; ///< bytes that one thread copies into pinned memory
    double memory = 40e9; ///< bytes that all cores read, until it is measured
    double threadFlops
        = 60e9; ///< of a thread: 28 tokens/s of V2-Lite's 4.9 GFLOP on two (docs/performance.md)
    double gpuFlops = 50e12; ///< of products in tiles
    unsigned threads = 1;
    unsigned fillThreads = 1;
};

/// Experts that so many tokens choose between them, where every one is as likely.
[[nodiscard]] double expectedExperts(std::size_t tokens, std::size_t experts, std::size_t used);

/// Seconds that a layer takes when its chosen experts go through the GPU, copies beside products.
[[nodiscard]] double streamingSeconds(const ExpertWork& work, const ExpertSpeeds& speeds);
/// Seconds that the processor takes, with the copies of the stream there and back.
[[nodiscard]] double processorSeconds(const ExpertWork& work, const ExpertSpeeds& speeds);

[[nodiscard]] inline bool streamingPays(const ExpertWork& work, const ExpertSpeeds& speeds)
{
    return streamingSeconds(work, speeds) < processorSeconds(work, speeds);
}

} // namespace ponder
