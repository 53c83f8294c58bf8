#include <bit>

#include "kernels/cpu/quant/formats/format.h"
#include "kernels/cpu/quant/formats/levels.h"

namespace ponder::kernels {

const std::int8_t kFloat4Levels[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

// byte e, an exponent; byte q[16], the low halves of the bytes first: w = 2^(e - 128) * level q
// (OCP Microscaling Formats, E2M1 with an E8M0 scale)
static void unpack(const std::byte* block, WeightGroup* group)
{
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(block);
    const std::uint32_t e = bytes[0];
    group->scale[0] = group->scale[1]
        = std::bit_cast<float>(e < 2 ? 0x00200000u << e : (e - 1) << 23);
    group->min[0] = group->min[1] = 0;
    for (int i = 0; i < 16; ++i) {
        group->q[i] = kFloat4Levels[bytes[1 + i] & 15];
        group->q[i + 16] = kFloat4Levels[bytes[1 + i] >> 4];
    }
}

const Format kFormatMXFP4 = {unpack, false, 0, {-1, -1}};

} // namespace ponder::kernels
