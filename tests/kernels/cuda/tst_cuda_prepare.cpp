#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "kernels/cpu/elementwise/elementwise.h"
#include "kernels/cpu/norm/rms_norm.h"
#include "kernels/cpu/rope/rope.h"
#include "kernels/cuda/attention/cache.h"
#include "kernels/cuda/attention/pack_row.h"
#include "kernels/selfcheck/random.h"
#include "kernels/types/half.h"
#include "tests/kernels/cuda/emulated.h"
#include "tests/kernels/variants.h"

namespace cuda = ponder::kernels::cuda;
using namespace ponder::kernels;

namespace {

// Angles of a batch, for both.
struct Angles {
    RopeAngles cpu;
    cuda::OnDevice<float2> device;

    Angles(std::size_t dim, std::size_t tokens, std::int32_t position)
        : cpu(RopeParams{.dim = static_cast<std::uint32_t>(dim), .factor = 4})
        , device(tokens * dim / 2)
    {
        std::vector<std::int32_t> positions(tokens);
        std::iota(positions.begin(), positions.end(), position);
        cpu.setPositions(positions);
        std::vector<float2> pairs;
        for (std::size_t t = 0; t < tokens; ++t) {
            for (std::size_t i = 0; i < dim / 2; ++i)
                pairs.push_back({cpu.cos(t)[i], cpu.sin(t)[i]});
        }
        REQUIRE(cuda::upload(std::span<const float2>(pairs), device.data(), nullptr).ok());
        REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
    }
    [[nodiscard]] cuda::RopeAngles view() const { return {device.data(), cpu.dim() / 2}; }
};

// A cache of 0xFF bytes, and what is in it in the end, as floats.
struct Cache {
    cuda::OnDevice<std::uint8_t> bytes;
    cuda::CacheRows rows;

    Cache(CacheType type, std::size_t positions, std::size_t heads, std::size_t cols,
        std::size_t fine = 0)
        : bytes(std::vector<std::uint8_t>(
              positions * heads * CacheRow::bytes(type, cols, fine), 0xFF))
        , rows(cuda::CacheRows::packed(type, bytes.data(), positions, heads, cols, fine))
    {
    }
    template <typename T> static T read(const std::uint8_t* from, std::size_t at)
    {
        T value{};
        std::memcpy(&value, from + at * sizeof(T), sizeof(T));
        return value;
    }
    [[nodiscard]] std::vector<float> row(std::size_t position, std::size_t head) const
    {
        const auto all = bytes.values();
        const std::uint8_t* from = &all[position * rows.positionBytes + head * rows.headBytes];
        std::vector<float> result(rows.cols);
        for (std::size_t i = 0; i < rows.cols; ++i) {
            if (rows.type == CacheType::F32) {
                result[i] = read<float>(from, i);
            } else if (rows.type == CacheType::Bf16) {
                result[i] = bfloat16ToFloat(read<std::uint16_t>(from, i));
            } else if (i < rows.coarse) {
                const float scale = read<float>(from + CacheRow::scalesAt(rows.coarse), i / 128);
                int exponent = 0;
                CHECK(
                    (std::isnan(scale) || std::frexp(scale, &exponent) == 0.5f)); // rounds nothing
                result[i] = float8ToFloat(from[i]) * scale;
            } else {
                result[i] = bfloat16ToFloat(
                    read<std::uint16_t>(from + CacheRow::fineAt(rows.coarse), i - rows.coarse));
            }
        }
        return result;
    }
    // Rows position .. of a head must be want; [tokens, cols].
    void check(std::size_t position, std::size_t head, std::span<const float> want) const
    {
        const std::size_t tokens = want.size() / rows.cols;
        for (std::size_t t = 0; t < tokens; ++t) {
            const auto wanted = want.subspan(t * rows.cols, rows.cols);
            const auto got = row(position + t, head);
            for (std::size_t i = 0; i < rows.cols; ++i) {
                float allowed = (rows.type == CacheType::F32 ? 3e-6f : 1.0f / 256);
                allowed *= 1 + std::fabs(wanted[i]);
                if (rows.type == CacheType::Fp8 && i < rows.coarse) {
                    // Half a step of e4m3, of the number itself or where that has few bits of the
                    // largest in its group.
                    float largest = 0;
                    for (std::size_t j = i / 128 * 128;
                        j < std::min(i / 128 * 128 + 128, rows.coarse); ++j)
                        largest = std::max(largest, std::fabs(wanted[j]));
                    allowed = std::fabs(wanted[i]) / 16 + largest / 131072 + 3e-6f;
                }
                REQUIRE(std::fabs(got[i] - wanted[i]) <= allowed);
            }
        }
        const auto isUntouched = [&](std::size_t p) {
            return std::ranges::all_of(row(p, head), [](float v) { return std::isnan(v); });
        };
        CHECK((position == 0 || isUntouched(position - 1)));
        CHECK((position + tokens >= rows.positions || isUntouched(position + tokens)));
    }
};

cuda::OnDevice<cuda::StepState> stateAt(std::int32_t position)
{
    return cuda::OnDevice<cuda::StepState>(std::vector<cuda::StepState>{{position}});
}

/// The first token of caches with one head: a key of zeros, and a value.
void storeFirst(const Cache& keys, const Cache& values, const std::vector<float>& value)
{
    const std::size_t dim = value.size();
    const std::vector<float> zeros(dim);
    Angles angles(8, 1, 0);
    const cuda::OnDevice<float> q(zeros), k(zeros), v(value);
    const auto state = stateAt(0);
    cuda::GqaPrepare p;
    p.query = {q.data(), 1, 1, dim, dim, dim};
    p.key = {k.data(), 1, 1, dim, dim, dim};
    p.value = {v.data(), 1, 1, dim, dim, dim};
    p.angles = angles.view();
    p.state = state.data();
    p.keys = keys.rows;
    p.values = values.rows;
    REQUIRE(cuda::prepareGqa(p, nullptr).ok());
}

} // namespace

TEST_CASE("latents are normalised, keys and queries turn, and the cache has its rows")
{
    Random random(41);
    for (const CacheType type : {CacheType::F32, CacheType::Bf16, CacheType::Fp8}) {
        for (const std::size_t tokens : {1u, 7u}) {
            constexpr std::size_t kRank = 301, kRope = 24, kHeads = 30, kNope = 20, kPosition = 9;
            constexpr std::size_t kQuery = kNope + kRope, kCols = kRank + kRope;
            auto latent = random.floats(tokens * kCols);
            auto query = random.floats(tokens * kHeads * kQuery);
            const auto norm = random.floats(kRank);
            cuda::EmulatedGpu gpu;
            Angles angles(kRope, tokens, kPosition);
            const Cache cache(type, 20, 1, kCols, kRope);
            const cuda::OnDevice<float> deviceLatent(latent), deviceQuery(query), deviceNorm(norm),
                rotated(tokens * kHeads * kCols);
            const auto state = stateAt(kPosition);
            cuda::MlaPrepare p;
            p.latent = {deviceLatent.data(), tokens, kCols};
            p.kvANorm = deviceNorm.data();
            p.epsilon = 1e-5f;
            p.query = {deviceQuery.data() + kNope, tokens, kHeads, kRope, kHeads * kQuery, kQuery};
            p.rotated = {rotated.data() + kRank, tokens, kHeads, kRope, kHeads * kCols, kCols};
            p.angles = angles.view();
            p.state = state.data();
            p.cache = cache.rows;
            REQUIRE(cuda::prepareMla(p, nullptr).ok());

            VariantCpu cpu(Variant::Reference);
            const FloatRows rows(latent.data(), tokens, kRank, kCols);
            rmsNorm(cpu, rows, norm, 1e-5f, rows);
            rope(cpu, angles.cpu, RopeLayout::Interleaved,
                {latent.data() + kRank, tokens, 1, kRope, kCols, kCols});
            rope(cpu, angles.cpu, RopeLayout::Interleaved,
                {query.data() + kNope, tokens, kHeads, kRope, kHeads * kQuery, kQuery});
            cache.check(kPosition, 0, latent);
            const auto got = rotated.values();
            for (std::size_t h = 0; h < tokens * kHeads; ++h) {
                for (std::size_t i = 0; i < kRope; ++i)
                    REQUIRE(got[h * kCols + kRank + i] == query[h * kQuery + kNope + i]);
                REQUIRE(std::isnan(got[h * kCols])); // another kernel writes the absorbed part
            }
        }
    }
}

TEST_CASE("heads get bias, norm and rotation, and the cache has keys and values")
{
    Random random(42);
    for (const CacheType type : {CacheType::F32, CacheType::Bf16, CacheType::Fp8}) {
        for (const bool extras : {false, true}) {
            constexpr std::size_t kTokens = 3, kHeads = 6, kKvHeads = 2, kKey = 150, kValue = 27;
            constexpr std::size_t kRope = 32, kPosition = 4;
            auto query = random.floats(kTokens * kHeads * kKey);
            auto key = random.floats(kTokens * kKvHeads * kKey);
            auto value = random.floats(kTokens * kKvHeads * kValue);
            const auto queryBias = random.floats(kHeads * kKey);
            const auto keyBias = random.floats(kKvHeads * kKey);
            const auto valueBias = random.floats(kKvHeads * kValue);
            const auto norm = random.floats(kKey);
            cuda::EmulatedGpu gpu;
            Angles angles(kRope, kTokens, kPosition);
            const Cache keys(type, 12, kKvHeads, kKey), values(type, 12, kKvHeads, kValue);
            const cuda::OnDevice<float> q(query), k(key), v(value), qb(queryBias), kb(keyBias),
                vb(valueBias), n(norm);
            const auto state = stateAt(kPosition);
            cuda::GqaPrepare p;
            p.query = {q.data(), kTokens, kHeads, kKey, kHeads * kKey, kKey};
            p.key = {k.data(), kTokens, kKvHeads, kKey, kKvHeads * kKey, kKey};
            p.value = {v.data(), kTokens, kKvHeads, kValue, kKvHeads * kValue, kValue};
            if (extras) {
                p.queryBias = qb.data();
                p.keyBias = kb.data();
                p.valueBias = vb.data();
                p.queryNorm = p.keyNorm = n.data();
                p.layout = RopeLayout::Interleaved;
            }
            p.epsilon = 1e-6f;
            p.angles = angles.view();
            p.state = state.data();
            p.keys = keys.rows;
            p.values = values.rows;
            REQUIRE(cuda::prepareGqa(p, nullptr).ok());

            VariantCpu cpu(Variant::Reference);
            const auto prepare
                = [&](std::vector<float>& all, const std::vector<float>& bias, std::size_t heads) {
                      if (extras) {
                          addToRows(cpu, bias, {all.data(), kTokens, heads * kKey});
                          const FloatRows rows(all.data(), kTokens * heads, kKey);
                          rmsNorm(cpu, rows, norm, 1e-6f, rows);
                      }
                      rope(cpu, angles.cpu, p.layout,
                          {all.data(), kTokens, heads, kRope, heads * kKey, kKey});
                  };
            prepare(query, queryBias, kHeads);
            prepare(key, keyBias, kKvHeads);
            if (extras)
                addToRows(cpu, valueBias, {value.data(), kTokens, kKvHeads * kValue});
            const auto got = q.values();
            for (std::size_t i = 0; i < got.size(); ++i)
                REQUIRE(std::fabs(got[i] - query[i]) <= 3e-6f * (1 + std::fabs(query[i])));
            for (std::size_t h = 0; h < kKvHeads; ++h) {
                std::vector<float> wantKeys, wantValues; // [tokens, cols] of the head
                for (std::size_t t = 0; t < kTokens; ++t) {
                    const float* row = &key[(t * kKvHeads + h) * kKey];
                    wantKeys.insert(wantKeys.end(), row, row + kKey);
                    row = &value[(t * kKvHeads + h) * kValue];
                    wantValues.insert(wantValues.end(), row, row + kValue);
                }
                keys.check(kPosition, h, wantKeys);
                values.check(kPosition, h, wantValues);
            }
        }
    }
}

TEST_CASE("what is no number in a value stays none in 8 bits, and costs its neighbours nothing")
{
    constexpr std::size_t kDim = 140;
    Random random(43);
    auto value = random.floats(kDim);
    value[3] = std::numeric_limits<float>::quiet_NaN();
    value[7] = std::numeric_limits<float>::infinity();
    value[130] = -std::numeric_limits<float>::infinity();
    const auto zeros = std::vector<float>(kDim);
    cuda::EmulatedGpu gpu;
    const Cache keys(CacheType::Fp8, 2, 1, kDim), values(CacheType::Fp8, 2, 1, kDim);
    storeFirst(keys, values, value);
    CHECK(keys.row(0, 0) == zeros);
    const auto got = values.row(0, 0);
    for (std::size_t i = 0; i < kDim; ++i) {
        CHECK(std::isnan(got[i]) == !std::isfinite(value[i]));
        if (std::isfinite(value[i]))
            CHECK(std::fabs(got[i] - value[i]) <= std::fabs(value[i]) / 16 + 1.0f / 131072);
    }
}

TEST_CASE("the processor packs the same bytes, whatever the sizes of numbers")
{
    constexpr std::size_t kDim = 300;
    Random random(44);
    for (const float size : {1e-41f, 1e-30f, 1.0f, 447.0f, 3e4f, 1e30f}) {
        CAPTURE(size);
        auto value = random.floats(kDim, -size, size);
        value[5] = size * 1e-4f;
        cuda::EmulatedGpu gpu;
        const Cache keys(CacheType::Fp8, 1, 1, kDim), values(CacheType::Fp8, 1, 1, kDim);
        storeFirst(keys, values, value);
        std::vector<std::uint8_t> packed(CacheRow::bytes(CacheType::Fp8, kDim));
        cuda::packRow(CacheType::Fp8, 0, value, packed.data());
        CHECK(values.bytes.values() == packed);
        CHECK(values.row(0, 0) == value);
    }
}
