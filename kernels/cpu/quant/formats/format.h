#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/types/half.h"
#include "kernels/types/tensor_type.h"

namespace ponder::kernels {

/// 32 weights of any quantisation in one form: w[i] = scale[i / 16] * q[i] - min[i / 16].
struct WeightGroup {
    float scale[2];
    float min[2];
    std::int8_t q[32];
};

/// What a quantisation's bits mean, in the plainest code: the truth that every fast kernel is
/// tested against.
struct Format {
    /// Reads one block into weightsPerBlock / 32 groups.
    void (*unpack)(const std::byte* block, WeightGroup* groups);
    bool twoScales; ///< a scale for every 16 weights: products sum each 16 by itself
    int mins; ///< none, one for 32 weights, or 2, one for each 16
    int halves[2]; ///< where in a block its half-precision scales lie; -1: none
};

/// Precondition: traits(type).quantised
[[nodiscard]] const Format& format(TensorType type);

#define PONDER_FLOAT_TYPE(name, id, weights, bytes)
#define PONDER_QUANT_TYPE(name, id, weights, bytes) extern const Format kFormat##name;
#include "kernels/types/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE

/// A half at any address.
[[nodiscard]] inline float readHalf(const std::byte* p)
{
    std::uint16_t bits;
    std::memcpy(&bits, p, sizeof bits);
    return halfToFloat(bits);
}

} // namespace ponder::kernels
