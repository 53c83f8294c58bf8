#include "kernels/cuda/attention/pack_row.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/types/half.h"

namespace ponder::kernels::cuda {

namespace {

void packGroup(std::span<float> numbers, std::uint8_t* codes, std::uint8_t* scaleAt)
{
    float largest = 0;
    for (float& v : numbers) {
        if (std::isfinite(v))
            largest = std::max(largest, std::fabs(v));
        else
            v = std::numeric_limits<float>::quiet_NaN();
    }
    int exponent = -126;
    while (largest > std::ldexp(448.0F, exponent))
        ++exponent;
    const float scale = std::ldexp(1.0F, exponent);
    std::memcpy(scaleAt, &scale, sizeof scale);
    for (float& v : numbers) {
        *codes = floatToFloat8(v / scale);
        v = float8ToFloat(*codes++) * scale;
    }
}

} // namespace

void packRow(CacheType type, std::size_t fine, std::span<float> numbers, std::uint8_t* to)
{
    if (type == CacheType::F32) {
        std::memcpy(to, numbers.data(), numbers.size_bytes());
        return;
    }
    const std::size_t coarse = type == CacheType::Fp8 ? numbers.size() - fine : 0;
    for (std::size_t first = 0; first < coarse; first += CacheRow::kScaledCols)
        packGroup(numbers.subspan(first, std::min(CacheRow::kScaledCols, coarse - first)),
            to + first,
            to + CacheRow::scalesAt(coarse) + first / CacheRow::kScaledCols * sizeof(float));
    std::uint8_t* at = to + (coarse > 0 ? CacheRow::fineAt(coarse) : 0);
    for (float& v : numbers.subspan(coarse)) {
        const std::uint16_t bits = floatToBfloat16(v);
        std::memcpy(at, &bits, sizeof bits);
        at += sizeof bits;
        v = bfloat16ToFloat(bits);
    }
}

} // namespace ponder::kernels::cuda
