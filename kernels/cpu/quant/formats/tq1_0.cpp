#include "kernels/cpu/quant/formats/format.h"

namespace ponder::kernels {

namespace {

/// A byte is a fraction of 256 with five digits to the base of three, the first the highest.
std::int8_t digit(std::uint8_t byte, int n)
{
    constexpr std::uint8_t kPowers[] = {1, 3, 9, 27, 81};
    const auto rest = static_cast<std::uint8_t>(byte * kPowers[n]);
    return static_cast<std::int8_t>((rest * 3 >> 8) - 1);
}

} // namespace

// Bytes with the digits 0-4 of: 32 weights each; 16 weights each; and, four digits only, of 4 weights
// each, one digit after the other; then half d: w = d * (digit - 1)
static void unpack(const std::byte* block, WeightGroup* groups)
{
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(block);
    std::int8_t w[256];
    std::int8_t* next = w;
    const auto put = [&next](const std::uint8_t* from, int count, int digits) {
        for (int n = 0; n < digits; ++n) {
            for (int i = 0; i < count; ++i) {
                *next++ = digit(from[i], n);
            }
        }
    };
    put(bytes, 32, 5);
    put(bytes + 32, 16, 5);
    put(bytes + 48, 4, 4);
    for (int g = 0; g < 8; ++g) {
        groups[g].scale[0] = groups[g].scale[1] = readHalf(block + 52);
        groups[g].min[0] = groups[g].min[1] = 0;
        std::memcpy(groups[g].q, w + 32 * g, sizeof groups[g].q);
    }
}

const Format kFormatTQ1_0 = {unpack, false, 0, {52, -1}};

} // namespace ponder::kernels
