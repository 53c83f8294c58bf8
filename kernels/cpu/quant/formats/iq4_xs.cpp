#include "kernels/cpu/quant/formats/format.h"
#include "kernels/cpu/quant/formats/levels.h"

namespace ponder::kernels {

// half d; high[2], two bits a group; low[4], four bits a group; byte q[128], 16 for each group, the low
// halves of the bytes first: w = d * (scale - 32) * level q
static void unpack(const std::byte* block, WeightGroup* groups)
{
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(block);
    const float d = readHalf(block);
    const int high = bytes[2] | bytes[3] << 8;
    for (int g = 0; g < 8; ++g) {
        WeightGroup& group = groups[g];
        const int low = (bytes[4 + g / 2] >> (g % 2 * 4)) & 15;
        const int scale = (low | ((high >> (2 * g)) & 3) << 4) - 32;
        group.scale[0] = group.scale[1] = d * static_cast<float>(scale);
        group.min[0] = group.min[1] = 0;
        const std::uint8_t* q = bytes + 8 + 16 * g;
        for (int i = 0; i < 16; ++i) {
            group.q[i] = kIq4Levels[q[i] & 15];
            group.q[i + 16] = kIq4Levels[q[i] >> 4];
        }
    }
}

const Format kFormatIQ4_XS = {unpack, false, 0, {0, -1}};

} // namespace ponder::kernels
