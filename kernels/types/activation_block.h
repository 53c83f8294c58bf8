#pragma once

#include <cstddef>
#include <cstdint>

namespace ponder::kernels {

inline constexpr std::size_t kActivationBlock = 32;

/// 32 activations as 15-bit integers: x[i] is about scale * q[i], with q = 128 * high + low.
/// Eight bits would be cheaper, but their rounding is by far the largest error of a quantised
/// model: it changes which experts a router chooses where two scores are close. With fifteen, what is left
/// is the rounding of the weights in the file. The two halves are multiplied by the weights with the same byte
/// products, so only arithmetic is added and no memory traffic.
struct ActivationBlock {
    float
        scale; ///< largest |x| / 16256; NaN when an x was not finite, so that it shows in the product
    float sum; ///< scale * (sum of q), for weights with a minimum
    std::int32_t halfSums[2]; ///< sums of q[0..15] and q[16..31], for weights with an offset
    std::int8_t high[kActivationBlock]; ///< -127 .. 127
    std::int8_t low[kActivationBlock]; ///< -64 .. 63
};
static_assert(sizeof(ActivationBlock) == 80);

inline constexpr int kActivationLargest = 127 * 128; ///< of |q|
inline constexpr int kActivationLowBits = 7;

} // namespace ponder::kernels
