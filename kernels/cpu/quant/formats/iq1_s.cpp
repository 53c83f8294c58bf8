#include "kernels/cpu/quant/formats/format.h"
#include "kernels/cpu/quant/formats/iq1_points.h"
#include "kernels/cpu/quant/formats/signs.h"

namespace ponder::kernels {

// half d; byte points[32], one for 8 weights; for each group two bytes: four times three upper bits of a
// point, a scale of three bits, and whether the weights are an eighth less or more than the point:
// w = d * (2 * scale + 1) * (point - or + 1/8)
static void unpack(const std::byte* block, WeightGroup* groups)
{
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(block);
    const float d = readHalf(block);
    for (int g = 0; g < 8; ++g) {
        const int high = readAt<std::uint16_t>(bytes + 34 + 2 * g);
        WeightGroup& group = groups[g];
        const int scale = 2 * ((high >> 12) & 7) + 1;
        group.scale[0] = group.scale[1] = d * static_cast<float>(scale) * 0.125f;
        group.min[0] = group.min[1] = 0;
        for (int l = 0; l < 4; ++l) {
            const int index = bytes[2 + 4 * g + l] | ((high >> (3 * l)) & 7) << 8;
            putIq1(index, (high & 0x8000) != 0, group.q + 8 * l);
        }
    }
}

const Format kFormatIQ1_S = {unpack, false, 0, {0, -1}};

} // namespace ponder::kernels
