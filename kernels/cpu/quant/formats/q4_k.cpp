#include "kernels/cpu/quant/formats/format.h"
#include "kernels/cpu/quant/formats/k_scales.h"

namespace ponder::kernels {

// half d, dmin; byte scales[12]; byte q[128], of which each 32 hold two groups, the low halves
// first: w = d * scale * q - dmin * min
static void unpack(const std::byte* block, WeightGroup* groups)
{
    const float d = readHalf(block);
    const float dmin = readHalf(block + 2);
    const auto* scales = reinterpret_cast<const std::uint8_t*>(block + 4);
    const auto* q = reinterpret_cast<const std::uint8_t*>(block + 16);
    for (int j = 0; j < 8; ++j) {
        const KScale s = kScale(scales, j);
        WeightGroup& group = groups[j];
        group.scale[0] = group.scale[1] = d * static_cast<float>(s.scale);
        group.min[0] = group.min[1] = dmin * static_cast<float>(s.min);
        for (int i = 0; i < 32; ++i) {
            group.q[i] = static_cast<std::int8_t>((q[(j / 2) * 32 + i] >> (j % 2 * 4)) & 15);
        }
    }
}

const Format kFormatQ4_K = {unpack, false, 1, {0, 2}};

} // namespace ponder::kernels
