#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "engine/base/result.h"
#include "engine/file/model_file.h"

namespace ponder {

/// Has the system read all weights into its cache, in the order in which they lie on the disk, a few pieces ahead
/// and on a few threads, so that the disk is never idle; what is there already costs next to nothing. Weights that
/// have to be put into another order are (see ModelFile::prepare).
/// progress: bytes read, bytes in all; called on this thread. Fails with Cancelled within a fraction
/// of a second after a stop, and with FileTruncated where a file became shorter meanwhile.
[[nodiscard]] Result<void> warmUp(const ModelFile& file,
    const std::function<void(std::uint64_t done, std::uint64_t total)>& progress,
    const std::stop_token& stop);

} // namespace ponder
