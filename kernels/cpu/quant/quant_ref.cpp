#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/cpu/dispatch/reference.h"
#include "kernels/cpu/quant/formats/format.h"
#include "kernels/types/views.h"

namespace ponder::kernels::reference {

namespace {

constexpr std::size_t kMaxGroups = 8; // in a block of 256

template <typename T> T readAt(const std::byte* p)
{
    T value;
    std::memcpy(&value, p, sizeof value);
    return value;
}

} // namespace

void dequantizeRow(
    TensorType type, const std::byte* row, const float* scales, std::size_t cols, float* out)
{
    switch (type) {
    case TensorType::F32:
        std::memcpy(out, row, cols * sizeof(float));
        return;
    case TensorType::F16:
        for (std::size_t c = 0; c < cols; ++c) {
            out[c] = halfToFloat(readAt<std::uint16_t>(row + 2 * c));
        }
        return;
    case TensorType::BF16:
        for (std::size_t c = 0; c < cols; ++c) {
            out[c] = bfloat16ToFloat(readAt<std::uint16_t>(row + 2 * c));
        }
        return;
    case TensorType::F8_E4M3:
        for (std::size_t c = 0; c < cols; ++c) {
            out[c] = float8ToFloat(readAt<std::uint8_t>(row + c)) * scales[c / kScaleBlock];
        }
        return;
    default:
        break;
    }
    const TensorTraits& t = traits(type);
    WeightGroup groups[kMaxGroups];
    for (std::size_t c = 0; c < cols; c += t.weightsPerBlock, row += t.bytesPerBlock) {
        format(type).unpack(row, groups);
        for (std::size_t i = 0; i < t.weightsPerBlock; ++i) {
            const WeightGroup& g = groups[i / 32];
            out[c + i]
                = g.scale[i % 32 / 16] * static_cast<float>(g.q[i % 32]) - g.min[i % 32 / 16];
        }
    }
}

#define PONDER_FLOAT_TYPE(name, id, weights, bytes)                                                \
    void dequantize##name(const std::byte* row, const float* scales, std::size_t cols, float* out) \
    {                                                                                              \
        dequantizeRow(TensorType::name, row, scales, cols, out);                                   \
    }
#define PONDER_QUANT_TYPE PONDER_FLOAT_TYPE
#include "kernels/types/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE

void quantize(const float* x, std::size_t cols, ActivationBlock* out)
{
    // Below this a block counts as zero: kActivationLargest / largest would overflow.
    constexpr float kSmallest = kActivationLargest * std::numeric_limits<float>::min();
    for (std::size_t b = 0; b < cols / kActivationBlock; ++b, x += kActivationBlock, ++out) {
        float largest = 0;
        bool finite = true;
        for (std::size_t i = 0; i < kActivationBlock; ++i) {
            const float magnitude = std::fabs(x[i]);
            finite = finite && magnitude <= std::numeric_limits<float>::max();
            largest = magnitude > largest ? magnitude : largest;
        }
        if (!finite || largest < kSmallest) {
            std::memset(out, 0, sizeof *out);
            out->scale = finite ? 0.0f : std::numeric_limits<float>::quiet_NaN();
            out->sum = out->scale;
            continue;
        }
        const float inverse = kActivationLargest / largest;
        out->scale = largest / kActivationLargest;
        std::int32_t sums[2] = {0, 0};
        for (std::size_t i = 0; i < kActivationBlock; ++i) {
            const auto q = static_cast<std::int32_t>(std::nearbyint(x[i] * inverse));
            const std::int32_t high = (q + 64) >> kActivationLowBits;
            out->high[i] = static_cast<std::int8_t>(high);
            out->low[i] = static_cast<std::int8_t>(q - high * 128);
            sums[i / 16] += q;
        }
        out->halfSums[0] = sums[0];
        out->halfSums[1] = sums[1];
        out->sum = out->scale * static_cast<float>(sums[0] + sums[1]);
    }
}

} // namespace ponder::kernels::reference
