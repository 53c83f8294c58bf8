#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/file/safetensors.h"

namespace ponder {

/// A tensor as the header describes it, before it is compared with the file.
struct SafeTensorEntry {
    SafeTensor tensor; ///< without data
    std::uint64_t elementBytes = 0;
    std::uint64_t begin = 0, end = 0; ///< from the start of the data
};

/// Reads a header's JSON in one pass. Fails with FileCorrupt, or UnsupportedFormat for a type that
/// is not known; the message is the rest of a sentence that begins with the file's name.
[[nodiscard]] Result<std::vector<SafeTensorEntry>> readSafeTensorsHeader(
    std::span<const std::byte> json);

} // namespace ponder
