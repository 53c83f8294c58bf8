#pragma once

// Vectors of the AVX2 variant (with FMA and F16C). Included only by *_avx2.cpp; the same names
// mean the same things in avx512.h, where they are explained. Everything is static, inside the
// variant's own namespace.

#include <cstddef>
#include <cstdint>

#include <immintrin.h>

#define PONDER_SIMD avx2
#define PONDER_SIGNED_PANELS 1
#define PONDER_INLINE static inline __attribute__((always_inline))

namespace ponder::kernels::avx2 {

using Bytes = const std::uint8_t*;

constexpr int kRows = 8;
// Tokens and panels of rows at a time, as in avx512.h, of 16 registers. A product of bytes is three instructions
// here and needs two temporaries and a vector of ones: 4 * 2 + 1 + 1 + 3 = 13. With two panels four tokens
// would need 22.
constexpr int kTokenTile = 4;
constexpr int kPanelTile = 1;
constexpr int kFloatRows = 2;
constexpr int kFloatTokens = 2;

// ---- One 32-bit lane for each row

using Int = __m256i;
using Float = __m256;

PONDER_INLINE Int intZero()
{
    return _mm256_setzero_si256();
}
PONDER_INLINE Int intSet(std::int32_t v)
{
    return _mm256_set1_epi32(v);
}
PONDER_INLINE Int byteSet(std::uint8_t v)
{
    return _mm256_set1_epi8(static_cast<char>(v));
}
PONDER_INLINE Int intLoad(const void* p)
{
    return _mm256_load_si256(static_cast<const __m256i*>(p));
}
PONDER_INLINE Int intLoadAnywhere(const void* p)
{
    return _mm256_loadu_si256(static_cast<const __m256i*>(p));
}
PONDER_INLINE void intStore(void* p, Int v)
{
    _mm256_store_si256(static_cast<__m256i*>(p), v);
}
PONDER_INLINE Int bitAnd(Int a, Int b)
{
    return _mm256_and_si256(a, b);
}
PONDER_INLINE Int bitOr(Int a, Int b)
{
    return _mm256_or_si256(a, b);
}
PONDER_INLINE Int bitXor(Int a, Int b)
{
    return _mm256_xor_si256(a, b);
}
PONDER_INLINE Int byteAdd(Int a, Int b)
{
    return _mm256_add_epi8(a, b);
}
PONDER_INLINE Int byteLess(Int a, Int b)
{
    return _mm256_subs_epu8(a, b);
}
PONDER_INLINE Int lookup(const std::int8_t table[16], Int index)
{
    const __m128i all = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table));
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(all), index);
}
PONDER_INLINE Int negateWhere(Int a, Int flags, Int own)
{
    const __m256i keep = _mm256_cmpeq_epi8(_mm256_and_si256(flags, own), _mm256_setzero_si256());
    // -1 where negated, 1 where kept
    return _mm256_sign_epi8(
        a, _mm256_or_si256(_mm256_cmpeq_epi8(keep, _mm256_setzero_si256()), _mm256_set1_epi8(1)));
}
PONDER_INLINE Int gather(const std::uint32_t* table, Int index)
{
    return _mm256_i32gather_epi32(reinterpret_cast<const int*>(table), index, 4);
}
PONDER_INLINE void gatherPairs(const std::uint64_t* table, Int index, Int out[2])
{
    const auto* words = reinterpret_cast<const long long*>(table);
    const __m256 low
        = _mm256_castsi256_ps(_mm256_i32gather_epi64(words, _mm256_castsi256_si128(index), 8));
    const __m256 high
        = _mm256_castsi256_ps(_mm256_i32gather_epi64(words, _mm256_extracti128_si256(index, 1), 8));
    out[0]
        = _mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(low, high, 0x88)), 0xD8);
    out[1]
        = _mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(low, high, 0xDD)), 0xD8);
}
PONDER_INLINE Int intAdd(Int a, Int b)
{
    return _mm256_add_epi32(a, b);
}
template <int n> PONDER_INLINE Int shiftRight(Int a)
{
    return _mm256_srli_epi32(a, n);
}
template <int n> PONDER_INLINE Int shiftLeft(Int a)
{
    return _mm256_slli_epi32(a, n);
}
PONDER_INLINE Int byteMin(Int a, Int b)
{
    return _mm256_min_epu8(a, b);
}
template <int i> PONDER_INLINE Int repeatByte(Int a)
{
    const __m128i order = _mm_set_epi32(0x0C0C0C0C + i * 0x01010101, 0x08080808 + i * 0x01010101,
        0x04040404 + i * 0x01010101, i * 0x01010101);
    return _mm256_shuffle_epi8(a, _mm256_broadcastsi128_si256(order));
}
PONDER_INLINE Int signedByte(Int a)
{
    return _mm256_srai_epi32(_mm256_slli_epi32(a, 24), 24);
}

PONDER_INLINE Float floatZero()
{
    return _mm256_setzero_ps();
}
PONDER_INLINE Float floatSet(float v)
{
    return _mm256_set1_ps(v);
}
PONDER_INLINE Float floatLoad(const float* p)
{
    return _mm256_load_ps(p);
}
PONDER_INLINE void floatStore(float* p, Float v)
{
    _mm256_store_ps(p, v);
}
PONDER_INLINE Float mul(Float a, Float b)
{
    return _mm256_mul_ps(a, b);
}
PONDER_INLINE Float add(Float a, Float b)
{
    return _mm256_add_ps(a, b);
}
PONDER_INLINE Float fma(Float a, Float b, Float c)
{
    return _mm256_fmadd_ps(a, b, c);
}
PONDER_INLINE Float fnma(Float a, Float b, Float c)
{
    return _mm256_fnmadd_ps(a, b, c);
}
PONDER_INLINE Int asInt(Float a)
{
    return _mm256_castps_si256(a);
}
PONDER_INLINE Float asFloat(Int bits)
{
    return _mm256_castsi256_ps(bits);
}
PONDER_INLINE Float toFloat(Int a)
{
    return _mm256_cvtepi32_ps(a);
}
PONDER_INLINE Float halfToFloat(Int a)
{
    const __m256i low = _mm256_and_si256(a, _mm256_set1_epi32(0xFFFF));
    return _mm256_cvtph_ps(
        _mm_packus_epi32(_mm256_castsi256_si128(low), _mm256_extracti128_si256(low, 1)));
}
PONDER_INLINE Float halvesLoad(const std::uint16_t* p)
{
    return _mm256_cvtph_ps(_mm_load_si128(reinterpret_cast<const __m128i*>(p)));
}
/// All ones in the first count lanes.
PONDER_INLINE __m256i laneMask(int count)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
PONDER_INLINE void storeRows(float* out, Float v, int count)
{
    if (count >= kRows) {
        _mm256_storeu_ps(out, v);
    } else {
        _mm256_maskstore_ps(out, laneMask(count), v);
    }
}

PONDER_INLINE Int chunkOf2(Bytes p, std::size_t stride)
{
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 4 * stride));
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

PONDER_INLINE void loadChunk(Bytes p, std::size_t stride, Int out[4])
{
    const __m256i r0 = chunkOf2(p, stride);
    const __m256i r1 = chunkOf2(p + stride, stride);
    const __m256i r2 = chunkOf2(p + 2 * stride, stride);
    const __m256i r3 = chunkOf2(p + 3 * stride, stride);
    const __m256i a = _mm256_unpacklo_epi32(r0, r1);
    const __m256i b = _mm256_unpackhi_epi32(r0, r1);
    const __m256i c = _mm256_unpacklo_epi32(r2, r3);
    const __m256i d = _mm256_unpackhi_epi32(r2, r3);
    out[0] = _mm256_unpacklo_epi64(a, c);
    out[1] = _mm256_unpackhi_epi64(a, c);
    out[2] = _mm256_unpacklo_epi64(b, d);
    out[3] = _mm256_unpackhi_epi64(b, d);
}

// Signed weights: |w| times the activation with w's sign. Sums of two products fit 16 bits, since
// weights are at most 128 and activations at most 127 (no other weight is above 63).
constexpr int kSignedOffset = 0;
PONDER_INLINE Int flipSigned(Int w)
{
    return w;
}
PONDER_INLINE Int addPairs(Int sum, Int pairs)
{
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}
PONDER_INLINE Int repeatFour(const std::int8_t* x)
{
    std::int32_t four;
    __builtin_memcpy(&four, x, sizeof four);
    return _mm256_set1_epi32(four);
}
PONDER_INLINE Int dot(Int sum, Int w, const std::int8_t* x)
{
    return addPairs(sum, _mm256_maddubs_epi16(w, repeatFour(x)));
}
PONDER_INLINE Int dotSigned(Int sum, Int w, const std::int8_t* x)
{
    return addPairs(
        sum, _mm256_maddubs_epi16(_mm256_abs_epi8(w), _mm256_sign_epi8(repeatFour(x), w)));
}

// ---- Sixteen floats side by side

struct Wide {
    __m256 low;
    __m256 high;
};

PONDER_INLINE __m256i lowMask(std::size_t count)
{
    return laneMask(static_cast<int>(count));
}
PONDER_INLINE __m256i highMask(std::size_t count)
{
    return laneMask(static_cast<int>(count) - 8);
}

PONDER_INLINE Wide wideZero()
{
    return {_mm256_setzero_ps(), _mm256_setzero_ps()};
}
PONDER_INLINE Wide wideSet(float v)
{
    return {_mm256_set1_ps(v), _mm256_set1_ps(v)};
}
PONDER_INLINE Wide wideLoad(const float* p)
{
    return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)};
}
PONDER_INLINE Wide wideLoad(const float* p, std::size_t count)
{
    return {_mm256_maskload_ps(p, lowMask(count)), _mm256_maskload_ps(p + 8, highMask(count))};
}
PONDER_INLINE void wideStore(float* p, Wide a)
{
    _mm256_storeu_ps(p, a.low);
    _mm256_storeu_ps(p + 8, a.high);
}
PONDER_INLINE void wideStore(float* p, Wide a, std::size_t count)
{
    _mm256_maskstore_ps(p, lowMask(count), a.low);
    _mm256_maskstore_ps(p + 8, highMask(count), a.high);
}
PONDER_INLINE Wide halfLoad(const void* p)
{
    const auto* v = static_cast<const __m128i*>(p);
    return {_mm256_cvtph_ps(_mm_loadu_si128(v)), _mm256_cvtph_ps(_mm_loadu_si128(v + 1))};
}
PONDER_INLINE Wide halfLoad(const void* p, std::size_t count)
{
    std::uint16_t all[16] = {};
    __builtin_memcpy(all, p, count * sizeof all[0]);
    return halfLoad(all);
}
PONDER_INLINE __m256 bfloatHalf(const __m128i* p)
{
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128(p)), 16));
}
PONDER_INLINE Wide bfloatLoad(const void* p)
{
    const auto* v = static_cast<const __m128i*>(p);
    return {bfloatHalf(v), bfloatHalf(v + 1)};
}
PONDER_INLINE Wide bfloatLoad(const void* p, std::size_t count)
{
    std::uint16_t all[16] = {};
    __builtin_memcpy(all, p, count * sizeof all[0]);
    return bfloatLoad(all);
}
PONDER_INLINE Wide float8Wide(__m128i bytes)
{
    const __m256i v = _mm256_cvtepi8_epi16(bytes);
    const __m256i magnitude = _mm256_and_si256(v, _mm256_set1_epi16(0x7F));
    const __m256i nan = _mm256_cmpeq_epi16(magnitude, _mm256_set1_epi16(0x7F));
    const __m256i half
        = _mm256_blendv_epi8(_mm256_slli_epi16(magnitude, 7), _mm256_set1_epi16(0x7E00), nan);
    const __m256i sign = _mm256_and_si256(v, _mm256_set1_epi16(static_cast<short>(0x8000)));
    const __m256i halves = _mm256_or_si256(half, sign);
    const __m256 up = _mm256_set1_ps(256.0f);
    return {_mm256_mul_ps(_mm256_cvtph_ps(_mm256_castsi256_si128(halves)), up),
        _mm256_mul_ps(_mm256_cvtph_ps(_mm256_extracti128_si256(halves, 1)), up)};
}
PONDER_INLINE Wide float8Load(const void* p)
{
    return float8Wide(_mm_loadu_si128(static_cast<const __m128i*>(p)));
}
PONDER_INLINE Wide float8Load(const void* p, std::size_t count)
{
    std::uint8_t all[16] = {};
    __builtin_memcpy(all, p, count);
    return float8Load(all);
}
PONDER_INLINE Wide add(Wide a, Wide b)
{
    return {_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)};
}
PONDER_INLINE Wide sub(Wide a, Wide b)
{
    return {_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high)};
}
PONDER_INLINE Wide mul(Wide a, Wide b)
{
    return {_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)};
}
PONDER_INLINE Wide div(Wide a, Wide b)
{
    return {_mm256_div_ps(a.low, b.low), _mm256_div_ps(a.high, b.high)};
}
PONDER_INLINE Wide max(Wide a, Wide b)
{
    return {_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)};
}
PONDER_INLINE Wide min(Wide a, Wide b)
{
    return {_mm256_min_ps(a.low, b.low), _mm256_min_ps(a.high, b.high)};
}
PONDER_INLINE Wide fma(Wide a, Wide b, Wide c)
{
    return {_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}
PONDER_INLINE Wide fnma(Wide a, Wide b, Wide c)
{
    return {_mm256_fnmadd_ps(a.low, b.low, c.low), _mm256_fnmadd_ps(a.high, b.high, c.high)};
}
PONDER_INLINE Wide roundWide(Wide a)
{
    constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
    return {_mm256_round_ps(a.low, kNearest), _mm256_round_ps(a.high, kNearest)};
}
PONDER_INLINE __m256 absHalf(__m256 a)
{
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a);
}
PONDER_INLINE Wide absWide(Wide a)
{
    return {absHalf(a.low), absHalf(a.high)};
}
PONDER_INLINE __m256 scaleHalf(__m256 a, __m256 n)
{
    // In two steps, as 2^n itself may be no normal number; the first of them is exact.
    const __m256i whole = _mm256_cvtps_epi32(n);
    const __m256i first = _mm256_srai_epi32(whole, 1);
    const __m256i second = _mm256_sub_epi32(whole, first);
    const __m256i bias = _mm256_set1_epi32(127);
    const __m256 a1 = _mm256_mul_ps(
        a, _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(first, bias), 23)));
    return _mm256_mul_ps(
        a1, _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(second, bias), 23)));
}
PONDER_INLINE Wide scalePower(Wide a, Wide n)
{
    return {scaleHalf(a.low, n.low), scaleHalf(a.high, n.high)};
}
PONDER_INLINE Wide keepFirst(Wide a, Wide other, std::size_t count)
{
    return {_mm256_blendv_ps(other.low, a.low, _mm256_castsi256_ps(lowMask(count))),
        _mm256_blendv_ps(other.high, a.high, _mm256_castsi256_ps(highMask(count)))};
}
PONDER_INLINE bool allWithin(Wide a, float limit)
{
    const __m256 most = _mm256_set1_ps(limit);
    return _mm256_movemask_ps(_mm256_and_ps(
               _mm256_cmp_ps(a.low, most, _CMP_LE_OQ), _mm256_cmp_ps(a.high, most, _CMP_LE_OQ)))
        == 0xFF;
}
PONDER_INLINE std::int32_t sumLanes(__m256i v)
{
    const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    const __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
}
PONDER_INLINE void storeBytes(std::int8_t* out, __m256i words)
{
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out),
        _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)));
}
/// 16 numbers of at most kActivationLargest, rounded to 128 * high + low; returns their sum.
PONDER_INLINE std::int32_t storeQuants(std::int8_t* high, std::int8_t* low, Wide a)
{
    const __m256i first = _mm256_cvtps_epi32(a.low);
    const __m256i second = _mm256_cvtps_epi32(a.high);
    const __m256i q = _mm256_permute4x64_epi64(_mm256_packs_epi32(first, second), 0xD8);
    const __m256i upper = _mm256_srai_epi16(_mm256_add_epi16(q, _mm256_set1_epi16(64)), 7);
    storeBytes(high, upper);
    storeBytes(low, _mm256_sub_epi16(q, _mm256_slli_epi16(upper, 7)));
    return sumLanes(_mm256_add_epi32(first, second));
}
PONDER_INLINE float sumWide(Wide a)
{
    const __m256 eight = _mm256_add_ps(a.low, a.high);
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}
PONDER_INLINE float maxWide(Wide a)
{
    const __m256 eight = _mm256_max_ps(a.low, a.high);
    const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps(two, two, 1)));
}

} // namespace ponder::kernels::avx2
