#pragma once

#include <memory>

#include "engine/run/backend.h"

namespace ponder {

struct CpuBackendOptions {
    std::size_t contextLength = 0; ///< tokens the cache can hold
    std::size_t batch = 256; ///< tokens of the largest batch
    unsigned threads = 0; ///< 0: all cores
};

/// The backend whose results are the truth: Ponder's own kernels on the processor, weights used in
/// place. A token's results have the same bits whatever the batch and the number of threads.
/// `network` and the file behind it must outlive the backend. Fails with OutOfMemory.
[[nodiscard]] Result<std::unique_ptr<Backend>> makeCpuBackend(
    const Network& network, const CpuBackendOptions& options);

} // namespace ponder
