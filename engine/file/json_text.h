#pragma once

#include <cstddef>
#include <span>

#include <nlohmann/json.hpp>

#include "engine/base/result.h"

namespace ponder {

/// Bounds against texts that are small on the disk and large in memory, or endlessly deep.
struct JsonLimits {
    std::size_t depth = 64; ///< objects and lists inside each other
    std::size_t values
        = 2'000'000; ///< keys and values; the largest published tokenizers have 900 000
};

/// A JSON text as a tree, read within limits; a key that occurs twice is refused. NaN and the infinities,
/// which Python writes although JSON has no such numbers, are read as null. Fails with FileCorrupt; the message is the rest of a sentence that begins with the file's name: "is no JSON
/// (at byte 12)".
[[nodiscard]] Result<nlohmann::json> parseJson(
    std::span<const std::byte> text, const JsonLimits& limits = {});

} // namespace ponder
