#include "kernels/cpu/quant/formats/format.h"

namespace ponder::kernels {

// byte scales[16], for 16 weights each a scale (low half) and a minimum; byte q[64], of which each 32
// hold four groups, two bits a weight; half d, dmin: w = d * scale * q - dmin * min
static void unpack(const std::byte* block, WeightGroup* groups)
{
    const auto* scales = reinterpret_cast<const std::uint8_t*>(block);
    const auto* q = reinterpret_cast<const std::uint8_t*>(block + 16);
    const float d = readHalf(block + 80);
    const float dmin = readHalf(block + 82);
    for (int g = 0; g < 8; ++g) {
        for (int half = 0; half < 2; ++half) {
            const int s = scales[2 * g + half];
            groups[g].scale[half] = d * static_cast<float>(s & 15);
            groups[g].min[half] = dmin * static_cast<float>(s >> 4);
        }
        for (int i = 0; i < 32; ++i) {
            groups[g].q[i] = static_cast<std::int8_t>((q[g / 4 * 32 + i] >> (g % 4 * 2)) & 3);
        }
    }
}

const Format kFormatQ2_K = {unpack, true, 2, {80, 82}};

} // namespace ponder::kernels
