#include "kernels/cpu/quant/formats/format.h"

namespace ponder::kernels {

// half d, m; byte q[16], the low halves of the bytes first: w = d * q + m
static void unpack(const std::byte* block, WeightGroup* group)
{
    const auto* q = reinterpret_cast<const std::uint8_t*>(block + 4);
    group->scale[0] = group->scale[1] = readHalf(block);
    group->min[0] = group->min[1] = -readHalf(block + 2);
    for (int i = 0; i < 16; ++i) {
        group->q[i] = static_cast<std::int8_t>(q[i] & 15);
        group->q[i + 16] = static_cast<std::int8_t>(q[i] >> 4);
    }
}

const Format kFormatQ4_1 = {unpack, false, 1, {0, 2}};

} // namespace ponder::kernels
