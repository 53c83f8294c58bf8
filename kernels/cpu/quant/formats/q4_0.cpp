#include "kernels/cpu/quant/formats/format.h"

namespace ponder::kernels {

// half d; byte q[16], the low halves of the bytes first: w = d * (q - 8)
static void unpack(const std::byte* block, WeightGroup* group)
{
    const auto* q = reinterpret_cast<const std::uint8_t*>(block + 2);
    group->scale[0] = group->scale[1] = readHalf(block);
    group->min[0] = group->min[1] = 0;
    for (int i = 0; i < 16; ++i) {
        group->q[i] = static_cast<std::int8_t>((q[i] & 15) - 8);
        group->q[i + 16] = static_cast<std::int8_t>((q[i] >> 4) - 8);
    }
}

const Format kFormatQ4_0 = {unpack, false, 0, {0, -1}};

} // namespace ponder::kernels
