#pragma once

#include <cstddef>
#include <cstdint>

namespace ponder {

/// The work of one layer's routed experts that lie in RAM, for one batch.
struct ExpertWork {
    std::size_t tokens = 0, experts = 0, used = 0, hidden = 0;
    std::uint64_t expertBytes = 0;
    std::uint64_t expertWeights = 0; ///< of one expert
};

/// What the machine does in a second. `link` and `memory` are replaced by measured values where there are any. The
/// others are estimates, rather too low than too high for the GPU, so that experts are streamed only where that is
/// certain to pay. Not measured yet on a machine whose experts are in RAM.
struct ExpertSpeeds {
    /// Bytes from pinned memory to the GPU. PCIe 4.0 with 8 lanes: 8 * 16 GT/s * 128 / 130 / 8 = 15.8 GB/s, of
    /// which copies reach about three quarters.
    double link = 12e9;
    double fill = 6e9; ///< bytes that one thread copies from the file's pages into pinned memory
    /// Bytes that all cores read. Two channels of DDR4-3200: 51.2 GB/s, of which reads reach four fifths.
    double memory = 40e9;
    /// Of a thread, in batches: 28 tokens/s of V2-Lite's 4.9 GFLOP a token on two threads (docs/performance.md) are
    /// 69e9.
    double threadFlops = 60e9;
    double gpuFlops = 50e12; ///< of products in tiles: a twentieth of an H100's 990e12 in bfloat16
    unsigned threads = 1;
    unsigned fillThreads = 1;
};

/// The expected number of different experts that `tokens` tokens choose, where every expert is equally likely.
[[nodiscard]] double expectedExperts(std::size_t tokens, std::size_t experts, std::size_t used);

/// Seconds that a layer takes when its chosen experts go through the GPU, copies while products run.
[[nodiscard]] double streamingSeconds(const ExpertWork& work, const ExpertSpeeds& speeds);
/// Seconds that the processor takes, with the copies of the stream there and back.
[[nodiscard]] double processorSeconds(const ExpertWork& work, const ExpertSpeeds& speeds);

[[nodiscard]] inline bool streamingPays(const ExpertWork& work, const ExpertSpeeds& speeds)
{
    return streamingSeconds(work, speeds) < processorSeconds(work, speeds);
}

} // namespace ponder
