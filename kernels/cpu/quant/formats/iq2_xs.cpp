#include "kernels/cpu/quant/formats/format.h"
#include "kernels/cpu/quant/formats/signs.h"
#include "kernels/types/grids.h"

namespace ponder::kernels {

// half d; for each 8 weights two bytes, nine bits of the grid's point and seven signs; byte scales[8], four
// bits for 16 weights: w = d * (scale + 1/2) / 4 * point
static void unpack(const std::byte* block, WeightGroup* groups)
{
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(block);
    const float d = readHalf(block);
    for (int g = 0; g < 8; ++g) {
        WeightGroup& group = groups[g];
        putHalfScales(d, bytes[66 + g], group);
        for (int l = 0; l < 4; ++l) {
            const unsigned both = readAt<std::uint16_t>(bytes + 2 + 8 * g + 2 * l);
            putSigned(kIq2XsGrid.points[both & 511], evenSigns(both >> 9), group.q + 8 * l);
        }
    }
}

const Format kFormatIQ2_XS = {unpack, true, 0, {0, -1}};

} // namespace ponder::kernels
