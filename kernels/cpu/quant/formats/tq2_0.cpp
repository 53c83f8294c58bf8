#include "kernels/cpu/quant/formats/format.h"

namespace ponder::kernels {

// byte q[64], of which each 32 hold four groups, two bits a weight; half d: w = d * (q - 1)
static void unpack(const std::byte* block, WeightGroup* groups)
{
    const auto* q = reinterpret_cast<const std::uint8_t*>(block);
    for (int g = 0; g < 8; ++g) {
        groups[g].scale[0] = groups[g].scale[1] = readHalf(block + 64);
        groups[g].min[0] = groups[g].min[1] = 0;
        for (int i = 0; i < 32; ++i) {
            const int bits = (q[g / 4 * 32 + i] >> (g % 4 * 2)) & 3;
            groups[g].q[i] = static_cast<std::int8_t>(bits - 1);
        }
    }
}

const Format kFormatTQ2_0 = {unpack, false, 0, {64, -1}};

} // namespace ponder::kernels
