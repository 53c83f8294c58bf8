#pragma once

// Vectors of the AVX-512 variant (F, BW, VL, DQ, VNNI). Included only by *_avx512.cpp; the same
// names mean the same things in avx2.h, so that kernels are written once in *_simd.h. Everything
// is static, inside the variant's own namespace.

#include <cstddef>
#include <cstdint>

#include <immintrin.h>

#define PONDER_SIMD avx512
#define PONDER_SIGNED_PANELS 0 // weights with a sign are turned into others with an offset
#define PONDER_INLINE static inline __attribute__((always_inline))

namespace ponder::kernels::avx512 {

using Bytes = const std::uint8_t*;

constexpr int kRows = 16; // rows of weights side by side, one in each 32-bit lane
// Tokens and panels of rows at a time. panelTimes() keeps a sum and a product for each pair, a vector of weights for
// each panel and one of activations: 2 * 6 * 2 + 2 + 1 = 27 of 32 registers. A seventh token would leave one
// for scales and minimums.
constexpr int kTokenTile = 6;
constexpr int kPanelTile = 2;
constexpr int kFloatRows = 4; // float weights: rows and tokens at a time
constexpr int kFloatTokens = 4;

// ---- One 32-bit lane for each row

using Int = __m512i;
using Float = __m512;

PONDER_INLINE Int intZero()
{
    return _mm512_setzero_si512();
}
PONDER_INLINE Int intSet(std::int32_t v)
{
    return _mm512_set1_epi32(v);
}
PONDER_INLINE Int byteSet(std::uint8_t v)
{
    return _mm512_set1_epi8(static_cast<char>(v));
}
PONDER_INLINE Int intLoad(const void* p)
{
    return _mm512_load_si512(p);
}
PONDER_INLINE Int intLoadAnywhere(const void* p)
{
    return _mm512_loadu_si512(p);
}
PONDER_INLINE void intStore(void* p, Int v)
{
    _mm512_store_si512(p, v);
}
PONDER_INLINE Int bitAnd(Int a, Int b)
{
    return _mm512_and_si512(a, b);
}
PONDER_INLINE Int bitOr(Int a, Int b)
{
    return _mm512_or_si512(a, b);
}
PONDER_INLINE Int bitXor(Int a, Int b)
{
    return _mm512_xor_si512(a, b);
}
PONDER_INLINE Int byteAdd(Int a, Int b)
{
    return _mm512_add_epi8(a, b);
}
/// a - b, but not below zero
PONDER_INLINE Int byteLess(Int a, Int b)
{
    return _mm512_subs_epu8(a, b);
}
/// Byte table[i] for each byte i, 0 .. 15
PONDER_INLINE Int lookup(const std::int8_t table[16], Int index)
{
    const __m128i all = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table));
    return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(all), index);
}
/// The bytes of a, negative where flags and own share a bit.
PONDER_INLINE Int negateWhere(Int a, Int flags, Int own)
{
    return _mm512_mask_sub_epi8(a, _mm512_test_epi8_mask(flags, own), _mm512_setzero_si512(), a);
}
/// table[index] of each lane
PONDER_INLINE Int gather(const std::uint32_t* table, Int index)
{
    return _mm512_i32gather_epi32(index, table, 4);
}
/// The lower and the upper four bytes of table[index] of each lane
PONDER_INLINE void gatherPairs(const std::uint64_t* table, Int index, Int out[2])
{
    const __m512i low = _mm512_i32gather_epi64(_mm512_castsi512_si256(index), table, 8);
    const __m512i high = _mm512_i32gather_epi64(_mm512_extracti64x4_epi64(index, 1), table, 8);
    const __m512i even
        = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    out[0] = _mm512_permutex2var_epi32(low, even, high);
    out[1] = _mm512_permutex2var_epi32(low, _mm512_or_si512(even, _mm512_set1_epi32(1)), high);
}
PONDER_INLINE Int intAdd(Int a, Int b)
{
    return _mm512_add_epi32(a, b);
}
template <int n> PONDER_INLINE Int shiftRight(Int a)
{
    return _mm512_srli_epi32(a, n);
}
template <int n> PONDER_INLINE Int shiftLeft(Int a)
{
    return _mm512_slli_epi32(a, n);
}
PONDER_INLINE Int byteMin(Int a, Int b)
{
    return _mm512_min_epu8(a, b);
}
/// Byte i of each lane in all four of its bytes.
template <int i> PONDER_INLINE Int repeatByte(Int a)
{
    const __m128i order = _mm_set_epi32(0x0C0C0C0C + i * 0x01010101, 0x08080808 + i * 0x01010101,
        0x04040404 + i * 0x01010101, i * 0x01010101);
    return _mm512_shuffle_epi8(a, _mm512_broadcast_i32x4(order));
}
/// The lowest byte of each lane with its sign.
PONDER_INLINE Int signedByte(Int a)
{
    return _mm512_srai_epi32(_mm512_slli_epi32(a, 24), 24);
}

PONDER_INLINE Float floatZero()
{
    return _mm512_setzero_ps();
}
PONDER_INLINE Float floatSet(float v)
{
    return _mm512_set1_ps(v);
}
PONDER_INLINE Float floatLoad(const float* p)
{
    return _mm512_load_ps(p);
}
PONDER_INLINE void floatStore(float* p, Float v)
{
    _mm512_store_ps(p, v);
}
PONDER_INLINE Float mul(Float a, Float b)
{
    return _mm512_mul_ps(a, b);
}
PONDER_INLINE Float add(Float a, Float b)
{
    return _mm512_add_ps(a, b);
}
PONDER_INLINE Float fma(Float a, Float b, Float c)
{
    return _mm512_fmadd_ps(a, b, c);
}
PONDER_INLINE Float fnma(Float a, Float b, Float c)
{
    return _mm512_fnmadd_ps(a, b, c);
}
PONDER_INLINE Int asInt(Float a)
{
    return _mm512_castps_si512(a);
}
PONDER_INLINE Float asFloat(Int bits)
{
    return _mm512_castsi512_ps(bits);
}
PONDER_INLINE Float toFloat(Int a)
{
    return _mm512_cvtepi32_ps(a);
}
/// The lower 16 bits of each lane, a half.
PONDER_INLINE Float halfToFloat(Int a)
{
    return _mm512_cvtph_ps(_mm512_cvtepi32_epi16(a));
}
/// kRows halves one after the other, aligned.
PONDER_INLINE Float halvesLoad(const std::uint16_t* p)
{
    return _mm512_cvtph_ps(_mm256_load_si256(reinterpret_cast<const __m256i*>(p)));
}
/// Lane r to out[r], the first count lanes.
PONDER_INLINE void storeRows(float* out, Float v, int count)
{
    _mm512_mask_storeu_ps(out, static_cast<__mmask16>((1u << count) - 1), v);
}

PONDER_INLINE Int chunkOf4(Bytes p, std::size_t stride)
{
    const auto load = [](Bytes q) __attribute__((always_inline)) {
        return _mm_loadu_si128(reinterpret_cast<const __m128i*>(q));
    };
    __m512i v = _mm512_castsi128_si512(load(p));
    v = _mm512_inserti32x4(v, load(p + 4 * stride), 1);
    v = _mm512_inserti32x4(v, load(p + 8 * stride), 2);
    return _mm512_inserti32x4(v, load(p + 12 * stride), 3);
}

/// 16 bytes of each row: out[i] has bytes 4 i .. 4 i + 3 of row r in lane r.
PONDER_INLINE void loadChunk(Bytes p, std::size_t stride, Int out[4])
{
    const __m512i r0 = chunkOf4(p, stride);
    const __m512i r1 = chunkOf4(p + stride, stride);
    const __m512i r2 = chunkOf4(p + 2 * stride, stride);
    const __m512i r3 = chunkOf4(p + 3 * stride, stride);
    const __m512i a = _mm512_unpacklo_epi32(r0, r1);
    const __m512i b = _mm512_unpackhi_epi32(r0, r1);
    const __m512i c = _mm512_unpacklo_epi32(r2, r3);
    const __m512i d = _mm512_unpackhi_epi32(r2, r3);
    out[0] = _mm512_unpacklo_epi64(a, c);
    out[1] = _mm512_unpackhi_epi64(a, c);
    out[2] = _mm512_unpacklo_epi64(b, d);
    out[3] = _mm512_unpackhi_epi64(b, d);
}

/// Added to each weight byte before dot(): the instruction multiplies unsigned by signed.
/// dot() of signed weights therefore wants them with their highest bit turned over.
constexpr int kSignedOffset = 128;
PONDER_INLINE Int flipSigned(Int w)
{
    return _mm512_xor_si512(w, byteSet(0x80));
}
/// sum + the four products of each lane's bytes with the four activations at x.
PONDER_INLINE Int dot(Int sum, Int w, const std::int8_t* x)
{
    std::int32_t four;
    __builtin_memcpy(&four, x, sizeof four);
    return _mm512_dpbusd_epi32(sum, w, _mm512_set1_epi32(four));
}
PONDER_INLINE Int dotSigned(Int sum, Int w, const std::int8_t* x)
{
    return dot(sum, w, x);
}

// ---- Sixteen floats side by side

struct Wide {
    __m512 v;
};

PONDER_INLINE __mmask16 firstLanes(std::size_t count)
{
    return count >= 16 ? static_cast<__mmask16>(0xFFFF) : static_cast<__mmask16>((1u << count) - 1);
}
PONDER_INLINE Wide wideZero()
{
    return {_mm512_setzero_ps()};
}
PONDER_INLINE Wide wideSet(float v)
{
    return {_mm512_set1_ps(v)};
}
PONDER_INLINE Wide wideLoad(const float* p)
{
    return {_mm512_loadu_ps(p)};
}
/// The first count of 16, the others zero.
PONDER_INLINE Wide wideLoad(const float* p, std::size_t count)
{
    return {_mm512_maskz_loadu_ps(firstLanes(count), p)};
}
PONDER_INLINE void wideStore(float* p, Wide a)
{
    _mm512_storeu_ps(p, a.v);
}
PONDER_INLINE void wideStore(float* p, Wide a, std::size_t count)
{
    _mm512_mask_storeu_ps(p, firstLanes(count), a.v);
}
PONDER_INLINE Wide halfLoad(const void* p)
{
    return {_mm512_cvtph_ps(_mm256_loadu_si256(static_cast<const __m256i*>(p)))};
}
PONDER_INLINE Wide halfLoad(const void* p, std::size_t count)
{
    return {_mm512_cvtph_ps(_mm256_maskz_loadu_epi16(firstLanes(count), p))};
}
PONDER_INLINE Wide bfloatLoad(const void* p)
{
    const __m256i v = _mm256_loadu_si256(static_cast<const __m256i*>(p));
    return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(v), 16))};
}
PONDER_INLINE Wide bfloatLoad(const void* p, std::size_t count)
{
    const __m256i v = _mm256_maskz_loadu_epi16(firstLanes(count), p);
    return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(v), 16))};
}
/// 16 floats of 8 bits (E4M3). As halves they are 2^-8 of what they mean, subnormal numbers too;
/// only what is not a number must be made so.
PONDER_INLINE Wide float8Wide(__m128i bytes)
{
    const __m256i v = _mm256_cvtepi8_epi16(bytes); // the sign fills the upper byte
    const __m256i magnitude = _mm256_and_si256(v, _mm256_set1_epi16(0x7F));
    const __mmask16 nan = _mm256_cmpeq_epi16_mask(magnitude, _mm256_set1_epi16(0x7F));
    const __m256i half
        = _mm256_mask_blend_epi16(nan, _mm256_slli_epi16(magnitude, 7), _mm256_set1_epi16(0x7E00));
    const __m256i sign = _mm256_and_si256(v, _mm256_set1_epi16(static_cast<short>(0x8000)));
    return {_mm512_mul_ps(_mm512_cvtph_ps(_mm256_or_si256(half, sign)), _mm512_set1_ps(256.0f))};
}
PONDER_INLINE Wide float8Load(const void* p)
{
    return float8Wide(_mm_loadu_si128(static_cast<const __m128i*>(p)));
}
PONDER_INLINE Wide float8Load(const void* p, std::size_t count)
{
    return float8Wide(_mm_maskz_loadu_epi8(firstLanes(count), p));
}
PONDER_INLINE Wide add(Wide a, Wide b)
{
    return {_mm512_add_ps(a.v, b.v)};
}
PONDER_INLINE Wide sub(Wide a, Wide b)
{
    return {_mm512_sub_ps(a.v, b.v)};
}
PONDER_INLINE Wide mul(Wide a, Wide b)
{
    return {_mm512_mul_ps(a.v, b.v)};
}
PONDER_INLINE Wide div(Wide a, Wide b)
{
    return {_mm512_div_ps(a.v, b.v)};
}
/// The larger; b where a or b is not a number.
PONDER_INLINE Wide max(Wide a, Wide b)
{
    return {_mm512_max_ps(a.v, b.v)};
}
PONDER_INLINE Wide min(Wide a, Wide b)
{
    return {_mm512_min_ps(a.v, b.v)};
}
PONDER_INLINE Wide fma(Wide a, Wide b, Wide c)
{
    return {_mm512_fmadd_ps(a.v, b.v, c.v)};
}
PONDER_INLINE Wide fnma(Wide a, Wide b, Wide c)
{
    return {_mm512_fnmadd_ps(a.v, b.v, c.v)};
}
PONDER_INLINE Wide roundWide(Wide a)
{
    return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}
PONDER_INLINE Wide absWide(Wide a)
{
    return {_mm512_abs_ps(a.v)};
}
/// a * 2^n for whole n
PONDER_INLINE Wide scalePower(Wide a, Wide n)
{
    return {_mm512_scalef_ps(a.v, n.v)};
}
/// count lanes kept, the others filled from other
PONDER_INLINE Wide keepFirst(Wide a, Wide other, std::size_t count)
{
    return {_mm512_mask_blend_ps(firstLanes(count), other.v, a.v)};
}
/// Whether every number is at most limit; no, where one is not a number.
PONDER_INLINE bool allWithin(Wide a, float limit)
{
    return _mm512_cmp_ps_mask(a.v, _mm512_set1_ps(limit), _CMP_LE_OQ) == 0xFFFF;
}
/// 16 numbers of at most kActivationLargest, rounded to 128 * high + low; returns their sum.
PONDER_INLINE std::int32_t storeQuants(std::int8_t* high, std::int8_t* low, Wide a)
{
    const __m512i q = _mm512_cvtps_epi32(a.v);
    const __m512i upper = _mm512_srai_epi32(_mm512_add_epi32(q, _mm512_set1_epi32(64)), 7);
    const __m512i lower = _mm512_sub_epi32(q, _mm512_slli_epi32(upper, 7));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(high), _mm512_cvtepi32_epi8(upper));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(low), _mm512_cvtepi32_epi8(lower));
    return _mm512_reduce_add_epi32(q);
}
/// 8 + 8, then 4 + 4, 2 + 2, 1 + 1, the upper half to the lower.
PONDER_INLINE float sumWide(Wide a)
{
    const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1));
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}
PONDER_INLINE float maxWide(Wide a)
{
    const __m256 eight = _mm256_max_ps(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1));
    const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps(two, two, 1)));
}

} // namespace ponder::kernels::avx512
