#include "kernels/cpu/quant/formats/format.h"
#include "kernels/cpu/quant/formats/iq1_points.h"
#include "kernels/cpu/quant/formats/signs.h"

namespace ponder::kernels {

// byte points[32], one for 8 weights; high[16], for each 8 weights three upper bits of the point, and
// whether they are an eighth less or more than it; four times 16 bits: four scales of three bits for 16
// weights each, and a quarter of the half d: w = d * (2 * scale + 1) * (point - or + 1/8)
static void unpack(const std::byte* block, WeightGroup* groups)
{
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(block);
    unsigned scales[4];
    unsigned half = 0;
    for (int i = 0; i < 4; ++i) {
        scales[i] = readAt<std::uint16_t>(bytes + 48 + 2 * i);
        half |= scales[i] >> 12 << (4 * i);
    }
    const float d = halfToFloat(static_cast<std::uint16_t>(half));
    for (int g = 0; g < 8; ++g) {
        WeightGroup& group = groups[g];
        for (int i = 0; i < 2; ++i) {
            const unsigned scale = (scales[g / 2] >> (6 * (g % 2) + 3 * i)) & 7;
            group.scale[i] = d * static_cast<float>(2 * scale + 1) * 0.125f;
            group.min[i] = 0;
        }
        for (int l = 0; l < 4; ++l) {
            const int high = bytes[32 + 2 * g + l / 2] >> (4 * (l % 2));
            putIq1(bytes[4 * g + l] | (high & 7) << 8, (high & 8) != 0, group.q + 8 * l);
        }
    }
}

const Format kFormatIQ1_M = {unpack, true, 0, {-1, -1}};

} // namespace ponder::kernels
