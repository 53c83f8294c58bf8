#include "kernels/cpu/quant/formats/format.h"

namespace ponder::kernels {

namespace {

/// Scale j of 16: the low four bits in the halves of bytes 0-7, the upper two in bytes 8-11.
int scaleOf(const std::uint8_t* s, int j)
{
    const int low = j < 8 ? s[j] & 15 : s[j - 8] >> 4;
    return (low | ((s[8 + j % 4] >> (j / 4 * 2)) & 3) << 4) - 32;
}

} // namespace

// byte high[32], bit g of byte i for weight i of group g; byte q[64], of which each 32 hold four
// groups, two bits a weight; byte scales[12], one for 16 weights; half d: w = d * scale * (q - 4)
static void unpack(const std::byte* block, WeightGroup* groups)
{
    const auto* high = reinterpret_cast<const std::uint8_t*>(block);
    const std::uint8_t* q = high + 32;
    const std::uint8_t* scales = high + 96;
    const float d = readHalf(block + 108);
    for (int g = 0; g < 8; ++g) {
        WeightGroup& group = groups[g];
        group.scale[0] = d * static_cast<float>(scaleOf(scales, 2 * g));
        group.scale[1] = d * static_cast<float>(scaleOf(scales, 2 * g + 1));
        group.min[0] = group.min[1] = 0;
        for (int i = 0; i < 32; ++i) {
            const int low = (q[g / 4 * 32 + i] >> (g % 4 * 2)) & 3;
            group.q[i] = static_cast<std::int8_t>((low | ((high[i] >> g) & 1) << 2) - 4);
        }
    }
}

const Format kFormatQ3_K = {unpack, true, 0, {108, -1}};

} // namespace ponder::kernels
