#pragma once

#include <memory>

#include "engine/backend/backend.h"
#include "engine/model/network.h"

namespace ponder {

struct CpuBackendOptions {
    std::size_t contextLength = 0; ///< tokens that the cache can hold
    std::size_t batch = 256; ///< tokens of the largest batch
    unsigned threads = 0; ///< 0: all cores
};

/// The reference backend: Ponder's own kernels on the CPU, weights used in place. A token's results have the
/// same bits in every batch and with any number of threads. `network` and its file must outlive the
/// backend. Fails with OutOfMemory.
[[nodiscard]] Result<std::unique_ptr<Backend>> makeCpuBackend(
    const Network& network, const CpuBackendOptions& options);

} // namespace ponder
