#include "kernels/cpu/quant/formats/format.h"
#include "kernels/cpu/quant/formats/levels.h"

namespace ponder::kernels {

const std::int8_t kIq4Levels[16]
    = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

// half d; byte q[16], the low halves of the bytes first: w = d * level q
static void unpack(const std::byte* block, WeightGroup* group)
{
    const auto* q = reinterpret_cast<const std::uint8_t*>(block + 2);
    group->scale[0] = group->scale[1] = readHalf(block);
    group->min[0] = group->min[1] = 0;
    for (int i = 0; i < 16; ++i) {
        group->q[i] = kIq4Levels[q[i] & 15];
        group->q[i + 16] = kIq4Levels[q[i] >> 4];
    }
}

const Format kFormatIQ4_NL = {unpack, false, 0, {0, -1}};

} // namespace ponder::kernels
