#include <cstring>

#include "kernels/cpu/dispatch/reference.h"

namespace ponder::kernels::reference {

std::uint64_t readBytes(const std::byte* data, std::size_t bytes)
{
    std::uint64_t sums[4] = {};
    for (std::size_t i = 0; i + 32 <= bytes; i += 32) {
        std::uint64_t words[4];
        std::memcpy(words, data + i, sizeof words);
        for (int j = 0; j < 4; ++j) {
            sums[j] += words[j];
        }
    }
    return sums[0] + sums[1] + sums[2] + sums[3];
}

} // namespace ponder::kernels::reference
