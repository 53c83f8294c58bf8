#include "kernels/cpu/quant/formats/format.h"

namespace ponder::kernels {

// half d; signed byte q[32]: w = d * q
static void unpack(const std::byte* block, WeightGroup* group)
{
    group->scale[0] = group->scale[1] = readHalf(block);
    group->min[0] = group->min[1] = 0;
    std::memcpy(group->q, block + 2, sizeof group->q);
}

const Format kFormatQ8_0 = {unpack, false, 0, {0, -1}};

} // namespace ponder::kernels
