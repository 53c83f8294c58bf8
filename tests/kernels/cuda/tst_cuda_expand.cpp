#include "kernels/cuda/attention/expand.h"

#include <cmath>

#include "kernels/cpu/quant/rows.h"
#include "kernels/cuda/attention/pack_row.h"
#include "kernels/selfcheck/random.h"
#include "kernels/types/half.h"
#include "tests/kernels/cuda/emulated.h"
#include "tests/kernels/cuda/on_device.h"

namespace cuda = ponder::kernels::cuda;
using namespace ponder::kernels;

namespace {

// A cache of latents on the device, and the numbers that are in it.
struct Latents {
    static constexpr std::size_t kPositions = 9, kRank = 150, kRope = 10, kCols = kRank + kRope;
    std::vector<float> numbers;
    cuda::OnDevice<std::uint8_t> bytes;
    cuda::CacheRows rows;

    Latents(Random& random, CacheType type)
        : numbers(random.floats(kPositions * kCols))
        , bytes(packed(type))
        , rows(cuda::CacheRows::packed(type, bytes.data(), kPositions, 1, kCols, kRope))
    {
    }

private:
    std::vector<std::uint8_t> packed(CacheType type)
    {
        const std::size_t row = CacheRow::bytes(type, kCols, kRope);
        std::vector<std::uint8_t> all(kPositions * row);
        for (std::size_t i = 0; i < kPositions; ++i)
            cuda::packRow(type, kRope, std::span(numbers).subspan(i * kCols, kCols), &all[i * row]);
        return all;
    }
};

constexpr CacheType kTypes[] = {CacheType::F32, CacheType::Bf16, CacheType::Fp8};

} // namespace

TEST_CASE("rows of a cache come back as floats")
{
    Random random(51);
    for (const CacheType type : kTypes) {
        CAPTURE(static_cast<int>(type));
        cuda::EmulatedGpu gpu;
        const Latents latents(random, type);
        constexpr std::size_t kFirst = 2, kCount = 5, kStride = 152;
        const cuda::OnDevice<float> out(kCount * kStride);
        REQUIRE(cuda::unpackRows(
            latents.rows, kFirst, {out.data(), kCount, Latents::kRank, kStride}, nullptr)
                .ok());
        const auto got = out.values();
        for (std::size_t i = 0; i < kCount; ++i) {
            for (std::size_t c = 0; c < kStride; ++c) {
                if (c < Latents::kRank)
                    CHECK(
                        got[i * kStride + c] == latents.numbers[(kFirst + i) * Latents::kCols + c]);
                else
                    CHECK(std::isnan(got[i * kStride + c])); // left alone
            }
        }
    }
}

TEST_CASE("a stack is turned around, whatever its type")
{
    struct Row {
        TensorType type;
        std::size_t heads, rows, cols;
    };
    Random random(52);
    for (const Row& r : {Row{TensorType::F32, 2, 130, 20}, Row{TensorType::BF16, 3, 5, 33},
             Row{TensorType::Q8_0, 2, 140, 64}, Row{TensorType::Q4_K, 1, 7, 256},
             Row{TensorType::F8_E4M3, 2, 256, 40}}) {
        CAPTURE(static_cast<int>(r.type));
        const RandomWeights weights(random, r.type, r.heads, r.rows, r.cols, 0.3f);
        for (const TensorType to : {TensorType::F32, TensorType::BF16}) {
            cuda::EmulatedGpu gpu;
            const cuda::DeviceWeights device(weights.stack());
            const std::size_t size = to == TensorType::F32 ? 4 : 2;
            const cuda::OnDevice<std::uint8_t> out(r.heads * r.rows * r.cols * size);
            REQUIRE(cuda::transposeStack({device.stack(), r.heads, to, out.data()}, nullptr).ok());
            const auto got = out.values();
            std::vector<float> row(r.cols);
            for (std::size_t h = 0; h < r.heads; ++h) {
                for (std::size_t i = 0; i < r.rows; ++i) {
                    const WeightView m = weights.stack().matrix(h);
                    dequantizeRow(m.type, m.row(i), row, m.scales.row(i));
                    for (std::size_t c = 0; c < r.cols; ++c) {
                        const std::size_t at = ((h * r.cols + c) * r.rows + i) * size;
                        float value = 0;
                        std::uint16_t bits = 0;
                        std::memcpy(&value, &got[at], 4 * (size / 4));
                        std::memcpy(&bits, &got[at], 2);
                        if (to == TensorType::F32)
                            REQUIRE(value == row[c]);
                        else
                            REQUIRE(bits == floatToBfloat16(row[c]));
                    }
                }
            }
        }
    }
}

TEST_CASE("keys get the rotated part of their latent, each head its own numbers")
{
    constexpr std::size_t kFirst = 3, kCount = 4, kHeads = 3, kNope = 5, kValue = 7;
    constexpr std::size_t kKey = kNope + Latents::kRope;
    Random random(53);
    for (const CacheType type : kTypes) {
        CAPTURE(static_cast<int>(type));
        const CacheType to = type == CacheType::F32 ? CacheType::F32 : CacheType::Bf16;
        cuda::EmulatedGpu gpu;
        const Latents latents(random, type);
        // As the product of an unsplit matrix leaves them: a head's keys, then its values.
        constexpr std::size_t kHead = kNope + kValue, kStride = kHeads * kHead + 1;
        const auto products = random.floats(kCount * kStride);
        const cuda::OnDevice<float> device(products);
        const std::size_t size = CacheRow::bytes(to, 1);
        const cuda::OnDevice<std::uint8_t> keys(kHeads * kCount * kKey * size),
            values(kHeads * kCount * kValue * size);
        cuda::ExpandedPack p;
        p.keys = {device.data(), kCount, kHeads, kNope, kStride, kHead};
        p.values = {device.data() + kNope, kCount, kHeads, kValue, kStride, kHead};
        p.latents = latents.rows;
        p.rank = Latents::kRank;
        p.first = kFirst;
        p.packedKeys = cuda::CacheRows::packed(to, keys.data(), kCount, kHeads, kKey);
        p.packedValues = cuda::CacheRows::packed(to, values.data(), kCount, kHeads, kValue);
        REQUIRE(cuda::packExpanded(p, nullptr).ok());
        const auto gotKeys = keys.values();
        const auto gotValues = values.values();
        const auto read = [&](const std::vector<std::uint8_t>& from, std::size_t at) {
            if (to == CacheType::F32) {
                float value = 0;
                std::memcpy(&value, &from[4 * at], 4);
                return value;
            }
            std::uint16_t bits = 0;
            std::memcpy(&bits, &from[2 * at], 2);
            return bfloat16ToFloat(bits);
        };
        const auto rounded = [&](float v) {
            return to == CacheType::F32 ? v : bfloat16ToFloat(floatToBfloat16(v));
        };
        for (std::size_t h = 0; h < kHeads; ++h) {
            for (std::size_t i = 0; i < kCount; ++i) {
                const float* made = &products[i * kStride + h * kHead];
                const float* latent = &latents.numbers[(kFirst + i) * Latents::kCols];
                for (std::size_t c = 0; c < kKey; ++c)
                    CHECK(read(gotKeys, (h * kCount + i) * kKey + c)
                        == rounded(c < kNope ? made[c] : latent[Latents::kRank + c - kNope]));
                for (std::size_t c = 0; c < kValue; ++c)
                    CHECK(
                        read(gotValues, (h * kCount + i) * kValue + c) == rounded(made[kNope + c]));
            }
        }
    }
}
