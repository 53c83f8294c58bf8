#include "kernels/cpu/quant/formats/format.h"
#include "kernels/cpu/quant/formats/signs.h"
#include "kernels/types/grids.h"

namespace ponder::kernels {

// half d; byte points[32] and signs[32], one for 8 weights; byte high[8], for each 8 weights two upper bits of
// the point; byte scales[8], four bits for 16 weights: w = d * (scale + 1/2) / 4 * point
static void unpack(const std::byte* block, WeightGroup* groups)
{
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(block);
    const float d = readHalf(block);
    for (int g = 0; g < 8; ++g) {
        WeightGroup& group = groups[g];
        putHalfScales(d, bytes[74 + g], group);
        for (int l = 0; l < 4; ++l) {
            const int high = (bytes[66 + g] >> (2 * l)) & 3;
            putSigned(kIq2SGrid.points[bytes[2 + 4 * g + l] | high << 8], bytes[34 + 4 * g + l],
                group.q + 8 * l);
        }
    }
}

const Format kFormatIQ2_S = {unpack, true, 0, {0, -1}};

} // namespace ponder::kernels
