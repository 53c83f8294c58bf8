#include "kernels/cpu/quant/formats/format.h"
#include "kernels/cpu/quant/formats/signs.h"
#include "kernels/types/grids.h"

namespace ponder::kernels {

// half d; for each group four bytes, the grid's points of 8 weights each, and a word: four times seven
// signs and a scale of four bits: w = d * (scale + 1/2) / 4 * point
static void unpack(const std::byte* block, WeightGroup* groups)
{
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(block);
    const float d = readHalf(block);
    for (int g = 0; g < 8; ++g) {
        const std::uint8_t* points = bytes + 2 + 8 * g;
        const auto word = readAt<std::uint32_t>(points + 4);
        WeightGroup& group = groups[g];
        group.scale[0] = group.scale[1] = d * (static_cast<float>(word >> 28) + 0.5f) * 0.25f;
        group.min[0] = group.min[1] = 0;
        for (int l = 0; l < 4; ++l) {
            const unsigned signs = evenSigns((word >> (7 * l)) & 127);
            putSigned(kIq2XxsGrid.points[points[l]], signs, group.q + 8 * l);
        }
    }
}

const Format kFormatIQ2_XXS = {unpack, false, 0, {0, -1}};

} // namespace ponder::kernels
