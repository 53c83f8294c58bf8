#pragma once

#include <cstdint>
#include <span>

#include "kernels/types/cache_type.h"

namespace ponder::kernels::cuda {

/// Writes a row as a cache keeps it, on the processor, and makes `numbers` what is then in it: for checks
/// of the kernels. fine: of Fp8, how many of the last columns stay in bf16. to: CacheRow::bytes().
void packRow(CacheType type, std::size_t fine, std::span<float> numbers, std::uint8_t* to);

} // namespace ponder::kernels::cuda
