#include "kernels/cpu/quant/formats/format.h"

namespace ponder::kernels {

// half d, m; fifth bits[4], one bit a weight; byte q[16], the low halves first: w = d * q + m
static void unpack(const std::byte* block, WeightGroup* group)
{
    std::uint32_t high;
    std::memcpy(&high, block + 4, sizeof high);
    const auto* q = reinterpret_cast<const std::uint8_t*>(block + 8);
    group->scale[0] = group->scale[1] = readHalf(block);
    group->min[0] = group->min[1] = -readHalf(block + 2);
    for (int i = 0; i < 16; ++i) {
        const int first = (q[i] & 15) | static_cast<int>((high >> i) & 1u) << 4;
        const int second = (q[i] >> 4) | static_cast<int>((high >> (i + 16)) & 1u) << 4;
        group->q[i] = static_cast<std::int8_t>(first);
        group->q[i + 16] = static_cast<std::int8_t>(second);
    }
}

const Format kFormatQ5_1 = {unpack, false, 1, {0, 2}};

} // namespace ponder::kernels
