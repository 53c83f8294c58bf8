#include "kernels/cpu/quant/formats/format.h"

namespace ponder::kernels {

// byte low[128], high[64]; signed byte scales[16], one for 16 weights; half d.
// Each half of the block has 64 low and 32 high bytes for four groups of 32: w = d * scale * (q - 32)
static void unpack(const std::byte* block, WeightGroup* groups)
{
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(block);
    const auto* scales = reinterpret_cast<const std::int8_t*>(block + 192);
    const float d = readHalf(block + 208);
    for (int g = 0; g < 8; ++g) {
        const std::uint8_t* low = bytes + (g / 4) * 64 + (g % 2) * 32;
        const std::uint8_t* high = bytes + 128 + (g / 4) * 32;
        const int lowShift = (g % 4) / 2 * 4;
        const int highShift = (g % 4) * 2;
        WeightGroup& group = groups[g];
        group.scale[0] = d * static_cast<float>(scales[g * 2]);
        group.scale[1] = d * static_cast<float>(scales[g * 2 + 1]);
        group.min[0] = group.min[1] = 0;
        for (int i = 0; i < 32; ++i) {
            const int value = ((low[i] >> lowShift) & 15) | ((high[i] >> highShift) & 3) << 4;
            group.q[i] = static_cast<std::int8_t>(value - 32);
        }
    }
}

const Format kFormatQ6_K = {unpack, true, 0, {208, -1}};

} // namespace ponder::kernels
