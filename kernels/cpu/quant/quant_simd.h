#pragma once

#include "kernels/cpu/dispatch/kernel_table.h"
#include "kernels/cpu/quant/formats/all_simd.h"

namespace ponder::kernels::PONDER_SIMD {

static void quantize(const float* x, std::size_t cols, ActivationBlock* out)
{
    constexpr float kLargest = 3.402823466e+38f;
    constexpr float kSmallest
        = kActivationLargest * 1.175494351e-38f; // below this the inverse would overflow
    for (std::size_t b = 0; b < cols / kActivationBlock; ++b, x += kActivationBlock, ++out) {
        const Wide low = wideLoad(x);
        const Wide high = wideLoad(x + 16);
        const Wide lowSize = absWide(low);
        const Wide highSize = absWide(high);
        const bool finite = allWithin(lowSize, kLargest) && allWithin(highSize, kLargest);
        const float largest = maxWide(max(lowSize, highSize));
        if (!finite || largest < kSmallest) {
            __builtin_memset(out, 0, sizeof *out);
            out->scale = finite ? 0.0f : __builtin_nanf("");
            out->sum = out->scale;
            continue;
        }
        const Wide inverse = wideSet(kActivationLargest / largest);
        out->scale = largest / kActivationLargest;
        out->halfSums[0] = storeQuants(out->high, out->low, mul(low, inverse));
        out->halfSums[1] = storeQuants(out->high + 16, out->low + 16, mul(high, inverse));
        out->sum = out->scale * static_cast<float>(out->halfSums[0] + out->halfSums[1]);
    }
}

static void dequantizeF32(const std::byte* row, const float*, std::size_t cols, float* out)
{
    __builtin_memcpy(out, row, cols * sizeof(float));
}

static void dequantizeF16(const std::byte* row, const float*, std::size_t cols, float* out)
{
    std::size_t c = 0;
    for (; c + 16 <= cols; c += 16) {
        wideStore(out + c, halfLoad(row + 2 * c));
    }
    if (c < cols) {
        wideStore(out + c, halfLoad(row + 2 * c, cols - c), cols - c);
    }
}

static void dequantizeBF16(const std::byte* row, const float*, std::size_t cols, float* out)
{
    std::size_t c = 0;
    for (; c + 16 <= cols; c += 16) {
        wideStore(out + c, bfloatLoad(row + 2 * c));
    }
    if (c < cols) {
        wideStore(out + c, bfloatLoad(row + 2 * c, cols - c), cols - c);
    }
}

static void dequantizeF8_E4M3(
    const std::byte* row, const float* scales, std::size_t cols, float* out)
{
    constexpr std::size_t kScaleBlock = 128;
    std::size_t c = 0;
    for (; c + 16 <= cols; c += 16) {
        wideStore(out + c, mul(float8Load(row + c), wideSet(scales[c / kScaleBlock])));
    }
    if (c < cols) {
        const Wide w = mul(float8Load(row + c, cols - c), wideSet(scales[c / kScaleBlock]));
        wideStore(out + c, w, cols - c);
    }
}

PONDER_INLINE void storeEight(float* out, __m128i q, __m256 scale, __m256 min)
{
    const __m256 w = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(q));
    _mm256_storeu_ps(out, _mm256_sub_ps(_mm256_mul_ps(scale, w), min));
}

template <typename Format>
static void dequantizeQuantised(const std::byte* row, const float*, std::size_t cols, float* out)
{
    Bytes p = reinterpret_cast<Bytes>(row);
    for (std::size_t c = 0; c < cols; c += Format::kCols, p += Format::kBytes) {
        for (int g = 0; g < static_cast<int>(Format::kCols / 32); ++g, out += 32) {
            const RowGroup group = Format::row(p, g);
            const __m128i low = _mm256_castsi256_si128(group.q);
            const __m128i high = _mm256_extracti128_si256(group.q, 1);
            const __m256 first = _mm256_set1_ps(group.first);
            const __m256 second = _mm256_set1_ps(group.second);
            const __m256 min = _mm256_set1_ps(group.min);
            storeEight(out, low, first, min);
            storeEight(out + 8, _mm_srli_si128(low, 8), first, min);
            storeEight(out + 16, high, second, min);
            storeEight(out + 24, _mm_srli_si128(high, 8), second, min);
        }
    }
}

} // namespace ponder::kernels::PONDER_SIMD
