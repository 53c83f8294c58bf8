#pragma once

#include <memory>

#include "engine/backend/backend.h"
#include "kernels/types/views.h"

namespace ponder {

struct CpuBackendOptions {
    std::size_t contextLength = 0; ///< tokens the cache can hold
    std::size_t batch = 256; ///< tokens of the largest batch
    unsigned threads = 0; ///< 0: all cores
    std::size_t firstLayer = 0; ///< layers before it have no cache: their attention runs elsewhere
};

/// What a backend asks of the processor that has only a part of a network on its own device.
class CpuBackend : public Backend {
public:
    /// Starts a batch whose stream the caller then writes, [tokens, hidden], f32: begin() without
    /// the embedding. What attention() and feedForward() add is in the same rows.
    [[nodiscard]] virtual kernels::FloatRows beginStream(std::size_t tokens, std::size_t position)
        = 0;

    /// out = what a layer's large feed-forward adds to the stream: the routed experts (without the shared
    /// ones), or the dense one. stream, out: [tokens, hidden], f32; experts, weights: [tokens, used],
    /// chosen elsewhere (an expert below 0 adds nothing); empty for a dense layer. Needs no batch.
    virtual void feedForwardBranch(std::size_t layer, kernels::ConstFloatRows stream,
        std::span<const std::int32_t> experts, std::span<const float> weights,
        kernels::FloatRows out)
        = 0;
};

/// The backend whose results are the truth: Ponder's own kernels on the processor, weights used in
/// place. A token's results have the same bits whatever the batch and the number of threads.
/// `network` and the file behind it must outlive the backend. Fails with OutOfMemory.
[[nodiscard]] Result<std::unique_ptr<CpuBackend>> makeCpuBackend(
    const Network& network, const CpuBackendOptions& options);

} // namespace ponder
