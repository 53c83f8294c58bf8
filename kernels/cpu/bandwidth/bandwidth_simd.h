#pragma once

namespace ponder::kernels::PONDER_SIMD {

static std::uint64_t readBytes(const std::byte* data, std::size_t bytes)
{
    Int sums[4] = {intZero(), intZero(), intZero(), intZero()};
    for (std::size_t i = 0; i + 4 * sizeof(Int) <= bytes; i += 4 * sizeof(Int)) {
        for (std::size_t j = 0; j < 4; ++j) {
            sums[j] = intAdd(sums[j], intLoadAnywhere(data + i + j * sizeof(Int)));
        }
    }
    alignas(64) std::uint32_t lanes[kRows];
    intStore(lanes, intAdd(intAdd(sums[0], sums[1]), intAdd(sums[2], sums[3])));
    std::uint64_t sum = 0;
    for (const std::uint32_t lane : lanes) {
        sum += lane;
    }
    return sum;
}

} // namespace ponder::kernels::PONDER_SIMD
