#pragma once

#include <cstddef>
#include <cstdint>

namespace ponder::kernels {

inline constexpr std::size_t kActivationBlock = 32;

/// 32 activations as 8-bit integers: x[i] is about scale * q[i]. The scale is a float for every
/// 32 numbers, which costs little and keeps products nearer to the truth than one for 256.
struct ActivationBlock {
    float scale; ///< largest |x| / 127; NaN when an x was not finite, so that it shows in the product
    float sum; ///< scale * (sum of q), for weights with a minimum
    std::int32_t halfSums[2]; ///< sums of q[0..15] and q[16..31], for weights with an offset
    std::int8_t q[kActivationBlock]; ///< -127 .. 127
};
static_assert(sizeof(ActivationBlock) == 48);

} // namespace ponder::kernels
