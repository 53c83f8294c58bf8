#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/model/network.h"
#include "kernels/cuda/attention/cache_type.h"

namespace ponder {

/// How a GPU keeps keys and values, as `--cache` says it.
enum class CacheChoice : std::uint8_t {
    Auto, ///< bf16; fp8 where only that lets the context, or all layers, fit
    Exact, ///< f32, as the processor does: for measuring
    Bf16,
    Fp8, ///< 8 bits and a scale for each 128; the rotated part of MLA's keys stays bf16
};

/// "auto", "bf16", "fp8", "f32"; nothing for all else.
[[nodiscard]] std::optional<CacheChoice> parseCacheChoice(std::string_view text);
[[nodiscard]] std::string cacheChoiceText(CacheChoice choice); ///< what parseCacheChoice() reads

/// What the kernels call it. Precondition: not Auto.
[[nodiscard]] kernels::cuda::CacheType cacheType(CacheChoice choice);

/// The last columns of a layer's keys that stay in bf16 where the others have 8 bits.
[[nodiscard]] std::size_t fineCols(const AttentionLayer& attention);

/// Bytes of a GPU's cache that a token takes in a layer.
[[nodiscard]] std::uint64_t gpuCacheBytes(const AttentionLayer& attention, CacheChoice choice);

} // namespace ponder
