#include "kernels/cpu/quant/formats/format.h"
#include "kernels/cpu/quant/formats/signs.h"
#include "kernels/types/grids.h"

namespace ponder::kernels {

// half d; byte points[64], one for 4 weights; high[8], the points' ninth bits; signs[32]; scales[4], four
// bits a group: w = d * (2 * scale + 1) * point
static void unpack(const std::byte* block, WeightGroup* groups)
{
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(block);
    const float d = readHalf(block);
    for (int g = 0; g < 8; ++g) {
        WeightGroup& group = groups[g];
        const int scale = (bytes[106 + g / 2] >> (4 * (g % 2))) & 15;
        group.scale[0] = group.scale[1] = d * static_cast<float>(2 * scale + 1);
        group.min[0] = group.min[1] = 0;
        for (int i = 0; i < 8; ++i) {
            const int high = (bytes[66 + g] >> i) & 1;
            const int signs = bytes[74 + 4 * g + i / 2] >> (4 * (i % 2));
            putSigned(kIq3SGrid.points[bytes[2 + 8 * g + i] | high << 8],
                static_cast<unsigned>(signs), group.q + 4 * i);
        }
    }
}

const Format kFormatIQ3_S = {unpack, false, 0, {0, -1}};

} // namespace ponder::kernels
