#include "kernels/cpu/quant/formats/format.h"

namespace ponder::kernels {

// half d; fifth bits[4], one bit a weight; byte q[16], the low halves first: w = d * (q - 16)
static void unpack(const std::byte* block, WeightGroup* group)
{
    std::uint32_t high;
    std::memcpy(&high, block + 2, sizeof high);
    const auto* q = reinterpret_cast<const std::uint8_t*>(block + 6);
    group->scale[0] = group->scale[1] = readHalf(block);
    group->min[0] = group->min[1] = 0;
    for (int i = 0; i < 16; ++i) {
        const int first = (q[i] & 15) | static_cast<int>((high >> i) & 1u) << 4;
        const int second = (q[i] >> 4) | static_cast<int>((high >> (i + 16)) & 1u) << 4;
        group->q[i] = static_cast<std::int8_t>(first - 16);
        group->q[i + 16] = static_cast<std::int8_t>(second - 16);
    }
}

const Format kFormatQ5_0 = {unpack, false, 0, {0, -1}};

} // namespace ponder::kernels
