#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/model/network.h"
#include "kernels/types/cache_type.h"

namespace ponder {

/// "bf16", "fp8" and "f32", as `--cache` writes them; nullopt for every other text.
[[nodiscard]] std::optional<kernels::CacheType> parseCacheType(std::string_view text);
[[nodiscard]] std::string cacheTypeText(kernels::CacheType type); ///< what parseCacheType() reads

/// The last columns of a layer's keys that stay in bf16 where the others have 8 bits.
[[nodiscard]] std::size_t fineCols(const AttentionLayer& attention);

/// Bytes of a GPU's cache that a token takes in a layer.
[[nodiscard]] std::uint64_t gpuCacheBytes(const AttentionLayer& attention, kernels::CacheType type);

} // namespace ponder
