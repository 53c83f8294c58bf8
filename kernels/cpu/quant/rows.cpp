#include "kernels/cpu/quant/rows.h"

#include <cassert>
#include <cmath>

#include "kernels/cpu/dispatch/kernel_table.h"
#include "kernels/cpu/quant/formats/format.h"

namespace ponder::kernels {

const Format& format(TensorType type)
{
    static constexpr const Format* kFormats[kSupportedTypes] = {
#define PONDER_FLOAT_TYPE(name, id, weights, bytes) nullptr,
#define PONDER_QUANT_TYPE(name, id, weights, bytes) &kFormat##name,
#include "kernels/types/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE
    };
    assert(kFormats[kernelIndex(type)] != nullptr);
    return *kFormats[kernelIndex(type)];
}

void dequantizeRow(TensorType type, const std::byte* row, std::span<float> out, const float* scales)
{
    kReferenceKernels.dequantizeRow[kernelIndex(type)](row, scales, out.size(), out.data());
}

void quantizeRowQ8_0(std::span<const float> row, std::byte* out)
{
    assert(row.size() % 32 == 0);
    for (std::size_t b = 0; b < row.size() / 32; ++b, out += 34) {
        const float* x = row.data() + b * 32;
        float largest = 0;
        for (int i = 0; i < 32; ++i) {
            largest = std::fmax(largest, std::fabs(x[i]));
        }
        const float d = largest / 127;
        const float inverse = d > 0 ? 1 / d : 0;
        const std::uint16_t half = floatToHalf(d);
        std::memcpy(out, &half, sizeof half);
        for (int i = 0; i < 32; ++i) {
            out[2 + i]
                = static_cast<std::byte>(static_cast<std::int8_t>(std::round(x[i] * inverse)));
        }
    }
}

} // namespace ponder::kernels
